"""The frames of a DICOM image or clip."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError, RecordingError, SourceEnded
from rtguide.model.geometry import ImageGeometry
from rtguide.recording.dicom_codecs import check_codec, decoded, native
from rtguide.recording.dicom_levels import Levels
from rtguide.recording.dicom_open import PYDICOM_ERRORS, OpenDicom, brief, open_dicom, quiet_pydicom
from rtguide.recording.dicom_region import region_geometry
from rtguide.recording.dicom_times import frame_times
from rtguide.recording.indexed_source import IndexedFrames
from rtguide.recording.video_reader import VideoReader

__all__ = ["open_clip"]

_ULTRASOUND = ("US", "IVUS")


def open_clip(path: Path) -> IndexedFrames:
    """Open the DICOM file at this path.

    Raises
    ------
    DeviceError
        It cannot be opened; the message says why and what to do.
    """
    file = open_dicom(path)
    try:
        with quiet_pydicom():
            return _Movie(file) if file.movie else _Pictures(file)
    except DeviceError as error:
        raise DeviceError(f"{path}: {error}") from error
    except PYDICOM_ERRORS as error:
        raise DeviceError(f"{path}: it is damaged, copy it again ({brief(error)})") from error


class _Clip:
    """What every DICOM clip says of itself."""

    def __init__(self, file: OpenDicom, count: int) -> None:
        self._file = file
        self._count = count
        self._times_ns, warnings = frame_times(file.dataset, count)
        modality = brief(file.dataset.get("Modality") or "of no modality")
        if modality in _ULTRASOUND:
            self._geometry, why_not = region_geometry(file.dataset, file.shape_px)
        else:
            self._geometry, why_not = None, (f"this is no ultrasound ({modality}); it is shown as a plain picture",)
        self._warnings = (*warnings, *why_not)

    @property
    def shape_px(self) -> tuple[int, int]:
        return self._file.shape_px

    @property
    def geometry(self) -> ImageGeometry | None:
        return self._geometry

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._warnings

    @property
    def missing_count(self) -> int:
        return self._file.promised_count - self._count

    def __len__(self) -> int:
        return self._count

    def time_ns(self, index: int) -> int:
        return self._times_ns[index]


class _Pictures(_Clip):
    """Frames that are stored or coded one by one."""

    def __init__(self, file: OpenDicom) -> None:
        super().__init__(file, file.native_count or len(file.frames))
        if not file.native_count:
            check_codec(file.syntax, int(file.dataset.BitsStored))
        stored, _ = self._stored(0)
        self._levels = Levels(file.dataset, stored)
        self._warnings = (*self._warnings, *self._levels.warnings)
        self.pixels(0)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        try:
            with quiet_pydicom():
                return self._levels.shown(*self._stored(index))
        except PYDICOM_ERRORS as error:
            raise RecordingError(f"the picture is damaged ({brief(error)}); copy the file again") from error

    def close(self) -> None:
        """Nothing is held open."""

    def _stored(self, index: int) -> tuple[NDArray[np.generic], str]:
        stored, kind = native(self._file, index) if self._file.native_count else decoded(self._file, index)
        if stored.shape[:2] != self.shape_px:
            raise ValueError(f"the picture is {stored.shape}, not {self.shape_px}")
        return stored, kind


class _Movie(_Clip):
    """Frames that are coded as a video (MPEG-2, H.264, H.265): spooled to a temporary file, read as any video."""

    def __init__(self, file: OpenDicom) -> None:
        with tempfile.NamedTemporaryFile(prefix="rtguide-", suffix=".video", delete=False) as spool:
            spool.write(file.movie)
        self._path = Path(spool.name)
        self._next = 0
        try:
            self._reader = VideoReader(self._path)
        except DeviceError as error:
            self._path.unlink(missing_ok=True)
            raise DeviceError(f"its pictures are a {file.syntax.name} that cannot be decoded") from error
        there = self._reader.frame_count or file.promised_count
        if self._reader.shape_px != file.shape_px:
            self.close()
            raise DeviceError("its video is of another size than it says; it is damaged, copy it again")
        super().__init__(file, min(file.promised_count, there))

    def pixels(self, index: int) -> NDArray[np.uint8]:
        try:
            if index != self._next:
                self._reader.seek(index)
            picture = self._reader.read()
        except (SourceEnded, DeviceError) as error:
            raise RecordingError("the video in it is damaged; copy the file again") from error
        self._next = index + 1
        return picture.pixels

    def close(self) -> None:
        self._reader.close()
        self._path.unlink(missing_ok=True)
