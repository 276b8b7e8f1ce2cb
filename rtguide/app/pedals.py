"""The user's foot pedals: `pedals.toml` in the configuration folder."""

import difflib
import tomllib
from dataclasses import fields
from pathlib import Path

import platformdirs

from rtguide.errors import ConfigError
from rtguide.model.pedal import PedalMap

__all__ = ["read_pedals", "usual_pedals"]

_NAME, _TABLE = "pedals.toml", "pedals"


def usual_pedals() -> tuple[PedalMap, ...]:
    """Those in the user's own configuration folder; none without such a file.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = platformdirs.user_config_path("rtguide", appauthor=False) / _NAME
    return read_pedals(path) if path.exists() else ()


def read_pedals(path: Path) -> tuple[PedalMap, ...]:
    """A table `[[pedals]]` for each.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, has an unknown key or action, or one key twice.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a file of pedals") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    tables = data.get(_TABLE)
    if set(data) != {_TABLE} or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{path}: found {', '.join(data) or 'nothing'}; write a table [[{_TABLE}]] for each pedal")
    known = [field.name for field in fields(PedalMap)]
    pedals: list[PedalMap] = []
    for table in tables:
        for key, value in table.items():
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                guess = f", did you mean {close[0]!r}?" if close else ""
                raise ConfigError(f"{path}: unknown key {key!r}{guess}. Known here: {', '.join(known)}")
            if not isinstance(value, str):
                raise ConfigError(f"{path}: {key} = {value!r}: give a text in quotes")
        try:
            pedals.append(PedalMap(**{"key": "", **table}))
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
    keys = [pedal.key.upper() for pedal in pedals]
    if len(set(keys)) != len(keys):
        raise ConfigError(f"{path}: two pedals have the same key ({', '.join(keys)}): give each its own")
    return tuple(pedals)
