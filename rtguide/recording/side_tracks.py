"""A recorded side channel as numbers over time: for a timeline, a table, a reader's own plot."""

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.model.side import SideKind
from rtguide.recording.sides import SIDES_NAME, SOUND_NAME, read_side, side_names

__all__ = ["SideTrack", "side_tracks"]


@dataclass(frozen=True, slots=True, eq=False)
class SideTrack:
    """One channel. t_capture_ns: int64 (n,), host monotonic, rising · values: float64 (n,), in `unit`; of sound the
    loudest sample of each piece, 0 to 1 · texts: what was said in words, empty where it was a number.
    """

    name: str
    unit: str
    t_capture_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    texts: tuple[str, ...] = ()

    def at(self, t_ns: int) -> tuple[float, str]:
        """(value, words) that stood at this time: the newest not later; (nan, "") before the first."""
        place = int(np.searchsorted(self.t_capture_ns, t_ns, side="right")) - 1
        if place < 0:
            return float("nan"), ""
        return float(self.values[place]), self.texts[place] if self.texts else ""


def side_tracks(session: Path) -> tuple[tuple[SideTrack, ...], tuple[str, ...]]:
    """The channels of a session that can be drawn as a line, and what is to be said of those that cannot be read."""
    tracks, warnings = [], []
    for name in side_names(session):
        try:
            record = read_side(session, name)
            if record.info.kind is SideKind.VALUES:
                tracks.append(_values(name, record.info.unit, record.lines))
            elif record.info.kind is SideKind.SOUND:
                tracks.append(_sound(name, session / SIDES_NAME / name / SOUND_NAME, record.lines))
            if not record.is_whole:
                warnings.append(f"side channel {name} was not closed properly: its end may be missing")
        except RecordingError as error:
            warnings.append(f"side channel {name}: {error}")
    return tuple(track for track in tracks if len(track.values)), tuple(warnings)


def _values(name: str, unit: str, lines: tuple[dict[str, Any], ...]) -> SideTrack:
    times, values, texts = [], [], []
    for line in lines:
        value = line.get("value")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        times.append(line["t_capture_ns"] if isinstance(line.get("t_capture_ns"), int) else -1)
        values.append(float(value) if is_number and isinstance(value, (int, float)) else np.nan)
        texts.append("" if is_number else str(value))
    return _rising(SideTrack(name, unit, np.array(times, np.int64), np.array(values, np.float64), tuple(texts)))


def _sound(name: str, path: Path, lines: tuple[dict[str, Any], ...]) -> SideTrack:
    """How loud each piece is."""
    times, values = [], []
    try:
        with wave.open(str(path), "rb") as sound:
            for line in lines:
                first = int(line["first_sample"])  # a damaged line before this one does not move it
                if not 0 <= first < sound.getnframes():
                    break
                sound.setpos(first)
                data = np.frombuffer(sound.readframes(int(line["samples"])), "<i2")
                if not len(data):
                    break
                times.append(int(line["t_capture_ns"]))
                values.append(float(np.abs(data.astype(np.int32)).max()) / 32768)
    except (OSError, EOFError, wave.Error, KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{path}: cannot be read ({error}); take it from a copy") from error
    return _rising(SideTrack(name, "of full scale", np.array(times, np.int64), np.array(values, np.float64)))


def _rising(track: SideTrack) -> SideTrack:
    """In order of time, without what has none."""
    order = np.argsort(track.t_capture_ns, kind="stable")
    order = order[track.t_capture_ns[order] >= 0]
    texts = tuple(track.texts[place] for place in order) if track.texts else ()
    return SideTrack(track.name, track.unit, track.t_capture_ns[order], track.values[order], texts)
