"""The user's alarm limits: a small TOML file, given or in its usual place."""

from dataclasses import fields
from pathlib import Path

from rtguide.app.user_files import check_keys, read_toml, user_path
from rtguide.errors import ConfigError
from rtguide.model.limits import AlarmLimits

__all__ = ["read_limits", "usual_limits"]


def usual_limits() -> AlarmLimits:
    """Those in the user's own configuration folder, else the defaults.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = user_path("limits.toml")
    return read_limits(path) if path.exists() else AlarmLimits()


def read_limits(path: Path) -> AlarmLimits:
    """The limits of one file; what it does not name stays as it is.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, or has a key or value that makes no sense.
    """
    data = read_toml(path, "a file of alarm limits")
    check_keys(data, [field.name for field in fields(AlarmLimits)], path)
    for key, value in data.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigError(f"{path}: {key} = {value!r}: give a number")
    try:
        return AlarmLimits(**{key: float(value) for key, value in data.items()})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
