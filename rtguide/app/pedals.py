"""The user's foot pedals: `pedals.toml` in the configuration folder."""

from dataclasses import fields
from pathlib import Path

from rtguide.app.user_files import read_tables, user_path
from rtguide.errors import ConfigError
from rtguide.model.pedal import PedalMap

__all__ = ["read_pedals", "usual_pedals"]


def usual_pedals() -> tuple[PedalMap, ...]:
    """Those in the user's own configuration folder; none without such a file.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = user_path("pedals.toml")
    return read_pedals(path) if path.exists() else ()


def read_pedals(path: Path) -> tuple[PedalMap, ...]:
    """A table `[[pedals]]` for each.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, has an unknown key or action, or one key twice.
    """
    known = [field.name for field in fields(PedalMap)]
    pedals: list[PedalMap] = []
    for table in read_tables(path, "pedals", known):
        for key, value in table.items():
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
