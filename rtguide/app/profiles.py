"""The user's profiles: one TOML file a scanner, probe and depth, in the user's configuration folder."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.user_files import check_keys, read_toml, user_path
from rtguide.errors import CalibrationError, ConfigError, RecordingError
from rtguide.model.calibration import Calibration
from rtguide.model.geometry import Provenance
from rtguide.model.look import LookMatcher
from rtguide.model.profile import Profile
from rtguide.ports import CalibrationMethod
from rtguide.recording.values_json import from_json, to_json

__all__ = ["KnownScreens", "keep_lag", "profile_folder", "profile_of", "read_profile", "read_profiles", "write_profile"]

LEAST_AGREEMENT = 0.8
"""Share of the pixels of a ruler or of one printed sign that must be as they were, after a lossy codec."""


def profile_folder() -> Path:
    """Where profiles are kept; it need not exist."""
    return user_path("profiles")


def profile_of(found: Calibration, name: str, words: tuple[str, str, str] = ("", "", "")) -> Profile:
    """A profile of what was read and what the user has accepted by giving it a name. words: scanner, probe, depth.

    Raises
    ------
    ConfigError
        The name cannot be used.
    CalibrationError
        There is no scale, or nothing to know the screen by.
    """
    if found.geometry.spacing_mm is None:
        raise CalibrationError(f"nothing to save: {found.note}")
    if found.look is None:
        raise CalibrationError("this screen has no ruler to know it by; give --mm-per-px each time instead")
    geometry = replace(found.geometry, provenance=Provenance.PROFILE)
    error = 0.0 if found.ruler is None else found.ruler.relative_sigma
    return Profile(name, geometry, found.look, *words, error, found.note)


def write_profile(profile: Profile, folder: Path) -> Path:
    """Write it into the folder, over one of the same name; returns the file."""
    path = folder / f"{profile.name}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_toml(to_json(profile)), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); check the folder") from error
    return path


def keep_lag(name: str, *, capture_s: float | None = None, tracker_s: float | None = None) -> Path:
    """Store measured lags with the profile of this name; returns the file.

    Raises
    ------
    ConfigError
        There is no such profile.
    """
    profile = read_profile(profile_folder() / f"{name}.toml")
    if capture_s is not None:
        profile = replace(profile, capture_lag_s=round(capture_s, 5))
    if tracker_s is not None:
        profile = replace(profile, tracker_lag_s=round(tracker_s, 5))
    return write_profile(profile, profile_folder())


def read_profile(path: Path) -> Profile:
    """The profile in one file.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, or holds something that makes no sense.
    """
    data = read_toml(path, "the file of a profile")
    check_keys(data, [field.name for field in fields(Profile)], path)
    try:
        return from_json(Profile, data)
    except RecordingError as error:
        raise ConfigError(f"{path} is no profile: {error}") from error


def read_profiles(folder: Path) -> tuple[Profile, ...]:
    """Every profile of the folder, by name."""
    return tuple(read_profile(path) for path in sorted(folder.glob("*.toml")))


class KnownScreens:
    """A region finder that knows screens again: it gives the geometry of the profile whose look the picture has.

    A screen that looks like two profiles of different scale is treated as unknown; one whose profile is known by its
    ticks alone gets the scale as unaccepted.
    """

    def __init__(self, profiles: Sequence[Profile], finder: CalibrationMethod) -> None:
        self._known = [(profile, LookMatcher(profile.look)) for profile in profiles]
        self._finder = finder

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        """The stored geometry of a known screen, else what the finder finds."""
        profile = self.chosen(frames)
        if profile is None:
            return self._finder.calibrate(frames)
        provenance = Provenance.PROFILE if profile.is_distinct else Provenance.RULER_UNACCEPTED
        geometry = replace(profile.geometry, provenance=provenance)
        return Calibration("profile", geometry, (), 1.0, f"profile {profile.name}", look=profile.look)

    def chosen(self, frames: Sequence[NDArray[np.uint8]]) -> Profile | None:
        """The profile of this screen; None where none fits, or several of different scale do."""
        if not frames:
            return None
        fitting = [
            profile
            for profile, matcher in self._known
            if all(matcher.is_same(frame, LEAST_AGREEMENT) for frame in frames)
        ]
        scales = {profile.geometry.spacing_mm for profile in fitting}
        return fitting[0] if len(scales) == 1 else None


def _toml(data: dict[str, Any], table: str = "") -> str:
    """Tables of texts, numbers, lists and further tables; lists of tables become arrays of them."""
    lines, below = [], []
    for key, value in data.items():
        if value is None:
            continue
        name = f"{table}.{key}" if table else key
        if isinstance(value, dict):
            below.append(f"\n[{name}]\n{_toml(value, name)}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            below += [f"\n[[{name}]]\n{_toml(item, name)}" for item in value]
        else:
            lines.append(f"{key} = {_value(value)}\n")
    return "".join((*lines, *below))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(sign if sign.isprintable() else " " for sign in escaped) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)
