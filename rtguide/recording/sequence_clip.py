"""The frames of a tracked sequence (`.mha`, `.igs.mha`, `.nrrd`, `.igs.nrrd`, `.seq.nrrd`)."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError, RecordingError
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.sequence_bytes import packed_frames, read_header, unpacked_frames
from rtguide.recording.sequence_header import Coding, FrameTransform
from rtguide.recording.sequence_times import sequence_times

__all__ = ["SequenceClip"]

_PICTURES = ("", "BRIGHTNESS", "RGB_COLOR")
_TURNED = {"F": "far", "N": "near"}


class SequenceClip:
    """An open sequence. Depth runs down in the frames it gives, whatever way they are stored.

    Raises
    ------
    DeviceError
        It cannot be opened; the message names the path and says what to do.
    """

    def __init__(self, path: Path) -> None:
        self.header = read_header(path)
        header = self.header
        if header.image_type not in _PICTURES:
            kind = header.image_type[:40]
            raise DeviceError(f"{path}: holds raw echoes ({kind!r}), no pictures; convert them to brightness first")
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise DeviceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
        try:
            self._unpacked = None if header.coding is Coding.RAW else unpacked_frames(self._file, header)
            self._count = self._whole_frames(path)
            self._times_ns, warnings = sequence_times(header, self._count)
            self._is_turned, self._is_upside_down = _orientation(header.orientation)
            self._range, of_range = self._value_range()
        except DeviceError as error:
            self._file.close()
            raise DeviceError(f"{path}: {error}") from error
        self._warnings = (*warnings, *of_range, *self._more_warnings())

    @property
    def shape_px(self) -> tuple[int, int]:
        """(height, width) of the frames it gives."""
        size = self.header.height, self.header.width
        return (size[1], size[0]) if self._is_turned else size

    @property
    def geometry(self) -> ImageGeometry | None:
        """None: these files hold pictures of which nothing says where the echoes begin."""
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed, and what is marked as invalid."""
        return self._warnings

    @property
    def missing_count(self) -> int:
        """Frames that the header promises and the file does not hold."""
        return self.header.count - self._count

    def __len__(self) -> int:
        return self._count

    def time_ns(self, index: int) -> int:
        """Time of a frame from the first."""
        return self._times_ns[index]

    def transform(self, index: int, name: str) -> FrameTransform | None:
        """A frame's tracked transform, e.g. `ProbeToTracker`; None where it has none of that name."""
        return self.header.transform(index, name)

    def is_image_valid(self, index: int) -> bool:
        """Whether the recorder marked the frame's picture as good."""
        return self.header.is_image_valid(index)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """uint8 (h, w) or (h, w, 3) RGB, depth down."""
        values = self._values(index)
        if values.dtype != np.uint8:
            low, high = self._range
            scaled = (np.nan_to_num(values.astype(np.float64)) - low) * (255 / (high - low))
            values = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
        if self._is_turned:
            values = np.swapaxes(values, 0, 1)
        if self._is_upside_down:
            values = values[::-1]
        return np.array(values, np.uint8, order="C")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _values(self, index: int) -> NDArray[np.generic]:
        """Stored values (h, w) or (h, w, 3) as the file has them."""
        header = self.header
        shape = (header.height, header.width, *((3,) if header.channels == 3 else ()))
        if header.is_frame_first and self._unpacked is not None:
            every: NDArray[np.generic] = np.frombuffer(self._unpacked, header.dtype, math.prod(shape) * header.count)
            return every.reshape(*shape, header.count)[..., index]
        size = header.frame_bytes
        if self._unpacked is not None:
            data = self._unpacked[index * size : (index + 1) * size]
        else:
            try:
                self._file.seek(header.data_at + index * size)
                data = self._file.read(size)
            except (OSError, ValueError) as error:
                raise RecordingError("the file can no longer be read; check the disk") from error
        if len(data) != size:
            raise RecordingError("the frame is not whole; copy the file again")
        return np.frombuffer(data, header.dtype).reshape(shape)

    def _whole_frames(self, path: Path) -> int:
        """How many frames are really there."""
        header = self.header
        there = path.stat().st_size - header.data_at if self._unpacked is None else len(self._unpacked)
        if header.is_frame_first:
            if there < header.frame_bytes * header.count:
                raise DeviceError("it breaks off, and its frames are stored across each other; copy it again")
            if self._unpacked is None:
                self._unpacked = packed_frames(self._file, header)
        count = min(header.count, there // header.frame_bytes)
        if not count:
            raise DeviceError("it breaks off within its first frame; copy it again from where it was recorded")
        return count

    def _value_range(self) -> tuple[tuple[float, float], tuple[str, ...]]:
        """The values that are shown as 0 and 255, and what to say of them."""
        if self.header.dtype == np.uint8:
            return (0.0, 255.0), ()
        first = np.nan_to_num(self._values(0).astype(np.float64), posinf=0.0, neginf=0.0)
        low, high = float(first.min()), float(first.max())
        if low >= 0 and high <= 255 and self.header.dtype.kind in "iu":
            return (0.0, 255.0), ()
        high = high if high > low else low + 1
        return (low, high), (f"its values of type {self.header.dtype.name} are shown from {low:g} (black) to {high:g}",)

    def _more_warnings(self) -> list[str]:
        header, warnings = self.header, []
        invalid = sum(not header.is_image_valid(index) for index in range(self._count))
        if invalid:
            warnings.append(f"{invalid} of its {self._count} pictures are marked INVALID by their recorder")
        if self._is_turned:
            warnings.append("its columns are beams, not yet a picture (they are not scan-converted)")
        if header.spacing is not None:
            x, y = header.spacing
            warnings.append(f"it says that a pixel measures {x:g}×{y:g}; to use that as millimetres give --mm-per-px")
        return warnings


def _orientation(letters: str) -> tuple[bool, bool]:
    """(whether the stored rows run in depth, whether depth runs up), of e.g. MF, UN, FM, NU (and a third letter).

    References
    ----------
    "Ultrasound image orientation" of the PLUS toolkit's user guide: the first letter says where the x axis points, the
    second where y does; M and U to the probe's marked and unmarked side, F and N far from it and near.
    """
    if not letters:
        return False, False
    first, second = letters[:1].upper(), letters[1:2].upper()
    if first in "MU" and second in _TURNED:
        return False, second == "N"
    if first in _TURNED and second in "MU" and second:
        return True, first == "N"
    raise DeviceError(f"its orientation is {letters[:20]!r}, which names no probe's picture; known are e.g. MF and UN")
