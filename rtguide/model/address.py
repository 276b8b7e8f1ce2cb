"""Source addresses: one line of text that opens anything."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from rtguide.errors import ConfigError

__all__ = ["SourceAddress", "parse_address"]

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+):(?!\\)")


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """An address taken apart.

    text: as the user wrote it · scheme: `sim`, `replay`, `grabber`, …; empty for a plain path · body: what follows the
    scheme, without the options · options: what follows `?`.
    """

    text: str
    scheme: str
    body: str
    options: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.body:
            raise ConfigError(f"the address {self.text!r} names no source: give a path, or e.g. sim:femoral")

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """The option `key` as a number within [low, high].

        Raises
        ------
        ConfigError
            It is not a number, or lies outside.
        """
        text = self.options.get(key)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ConfigError(f"{key}={text} in {self.text!r}: give a number from {low:g} to {high:g}")
        return value

    def flag(self, key: str) -> bool:
        """The option `key` as yes (1, true, yes) or no (0, false, no; the default)."""
        text = self.options.get(key, "0").lower()
        if text not in ("0", "1", "true", "false", "yes", "no"):
            raise ConfigError(f"{key}={text} in {self.text!r}: write {key}=1 or {key}=0")
        return text in ("1", "true", "yes")

    def refuse_unknown_options(self, known: tuple[str, ...]) -> None:
        """Say which option is not known, and which are."""
        for key in self.options:
            if key not in known:
                have = ", ".join(known) or "none"
                raise ConfigError(f"{self.text!r} has an unknown option {key!r}; known here: {have}")


def parse_address(text: str, schemes: frozenset[str]) -> SourceAddress:
    """Take an address apart. Only the given schemes count as such: everything else is a path, `?` and all.

    Raises
    ------
    ConfigError
        The address is empty, or its scheme (`name://…`) is not known.
    """
    match = _SCHEME.match(text)
    if match is None:
        return SourceAddress(text, "", text)
    scheme = match.group(1)
    if scheme not in schemes:
        if text.startswith(f"{scheme}://"):
            raise ConfigError(f"no device opens {scheme}: addresses; known here: {', '.join(sorted(schemes))}")
        return SourceAddress(text, "", text)
    body, _, query = text[match.end() :].partition("?")
    return SourceAddress(text, scheme, body, dict(parse_qsl(query, keep_blank_values=True)))
