"""The user's alarm limits: a small TOML file, given or in its usual place."""

import difflib
import tomllib
from dataclasses import fields
from pathlib import Path

import platformdirs

from rtguide.errors import ConfigError
from rtguide.model.limits import AlarmLimits

__all__ = ["read_limits", "usual_limits"]

_NAME = "limits.toml"


def usual_limits() -> AlarmLimits:
    """Those in the user's own configuration folder, else the defaults.

    Raises
    ------
    ConfigError
        There is such a file and it cannot be understood.
    """
    path = platformdirs.user_config_path("rtguide", appauthor=False) / _NAME
    return read_limits(path) if path.exists() else AlarmLimits()


def read_limits(path: Path) -> AlarmLimits:
    """The limits of one file; what it does not name stays as it is.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, or has a key or value that makes no sense.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a file of alarm limits") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    known = [field.name for field in fields(AlarmLimits)]
    for key, value in data.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            guess = f", did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"{path}: unknown key {key!r}{guess}. Known here: {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigError(f"{path}: {key} = {value!r}: give a number")
    try:
        return AlarmLimits(**{key: float(value) for key, value in data.items()})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
