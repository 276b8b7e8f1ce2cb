"""A recorded sound channel as the sound of a movie: in step with the pictures, silent where nothing came.

References
----------
RFC 6716 (Opus), RFC 7845: 48 kHz, and in Matroska and MP4 alike.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from rtguide.errors import RecordingError
from rtguide.model.side import SideKind
from rtguide.recording.sides import SIDES_NAME, SOUND_NAME, read_side, side_names

__all__ = ["MovieSound", "session_sound"]

RATE_HZ = 48_000
GAP_S = 0.1
"""Pieces whose times say that so much is missing between them are set apart by silence; less is the clocks' jitter."""


@dataclass(frozen=True, slots=True)
class MovieSound:
    """pieces: (when it began, in seconds of the movie; its first sample; samples), in order · rate_hz: of the file."""

    path: Path
    rate_hz: int
    pieces: tuple[tuple[float, int, int], ...]

    def samples(self) -> Iterator[NDArray[np.int16]]:
        """int16 (n, channels), joined from the movie's beginning.

        Raises
        ------
        RecordingError
            The file cannot be read.
        """
        at_s = 0.0
        try:
            with wave.open(str(self.path), "rb") as sound:
                channels = sound.getnchannels()
                for begin_s, first, count in self.pieces:
                    late = max(0, round(-begin_s * self.rate_hz))  # what was heard before the first picture
                    if late >= count:
                        continue
                    if begin_s - at_s > GAP_S:
                        yield np.zeros((round((begin_s - at_s) * self.rate_hz), channels), np.int16)
                        at_s = begin_s
                    sound.setpos(first + late)
                    data = np.frombuffer(sound.readframes(count - late), "<i2").reshape(-1, channels)
                    at_s += len(data) / self.rate_hz
                    yield data
        except (OSError, EOFError, wave.Error, ValueError) as error:
            raise RecordingError(f"{self.path}: cannot be read ({error}); take it from a copy") from error

    def frames(self) -> Iterator[av.AudioFrame]:
        """The same as 48 kHz audio frames for an encoder."""
        resampler, at = av.AudioResampler(format="s16", rate=RATE_HZ), 0
        for data in self.samples():
            layout = "mono" if data.shape[1] == 1 else "stereo"
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(data[:, :2].reshape(1, -1)), "s16", layout)
            frame.sample_rate, frame.pts = self.rate_hz, at
            at += len(data)
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def session_sound(session: Path, first_ns: int) -> MovieSound | None:
    """The first sound channel of a session; first_ns: when its first frame was captured. None where there is none.

    Raises
    ------
    RecordingError
        It is there and cannot be read.
    """
    for name in side_names(session):
        record = read_side(session, name)
        if record.info.kind is not SideKind.SOUND:
            continue
        path = session / SIDES_NAME / name / SOUND_NAME
        if not record.lines or not path.is_file():
            continue
        rate_hz = round(record.info.rate_hz or 48_000)
        try:
            pieces = [_piece(line, rate_hz, first_ns) for line in record.lines]
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{path}: its lines are damaged ({error!r}); take it from a copy") from error
        return MovieSound(path, rate_hz, tuple(pieces))
    return None


def _piece(line: dict[str, Any], rate_hz: int, first_ns: int) -> tuple[float, int, int]:
    """When it began in the movie, its first sample, and how many; it is stamped when it ended."""
    count = int(line["samples"])
    return (int(line["t_capture_ns"]) - first_ns) / 1e9 - count / rate_hz, int(line["first_sample"]), count
