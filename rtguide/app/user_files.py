"""The user's own TOML files: where they lie, and what is said where one cannot be understood."""

import difflib
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from rtguide.errors import ConfigError

__all__ = ["check_keys", "did_you_mean", "read_tables", "read_toml", "user_path"]


def user_path(name: str) -> Path:
    """A file or folder in the user's configuration folder; it need not exist."""
    return platformdirs.user_config_path("rtguide", appauthor=False) / name


def read_toml(path: Path, wanted: str) -> dict[str, Any]:
    """What a file says. wanted: what to give instead of one that cannot be read.

    Raises
    ------
    ConfigError
        It cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give {wanted}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def read_tables(path: Path, name: str, known: Sequence[str]) -> list[dict[str, Any]]:
    """The tables `[[name]]` of a file that holds nothing else; name: in the plural.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, holds something else, or a table has an unknown key.
    """
    data = read_toml(path, f"a file of {name}")
    tables = data.get(name)
    if set(data) != {name} or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        found = ", ".join(data) or "nothing"
        raise ConfigError(f"{path}: found {found}; write a table [[{name}]] for each {name.removesuffix('s')}")
    for table in tables:
        check_keys(table, known, path)
    return tables


def check_keys(keys: Iterable[str], known: Sequence[str], path: Path) -> None:
    """Refuse keys that nobody knows.

    Raises
    ------
    ConfigError
        There is one.
    """
    for key in keys:
        if key not in known:
            raise ConfigError(f"{path}: unknown key {key!r}{did_you_mean(key, known)}. Known here: {', '.join(known)}")


def did_you_mean(key: str, known: Sequence[str]) -> str:
    """The known key that is meant, as an addition to a message; empty where none is near."""
    close = difflib.get_close_matches(key, known, n=1)
    return f", did you mean {close[0]!r}?" if close else ""
