"""`rtguide export`: a recorded session as movie, pictures, table, sequence or DICOM."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.errors import ConfigError, RecordingError
from rtguide.model.scene import Scene
from rtguide.opencv import cv2
from rtguide.ports import Painter
from rtguide.recording.dicom_export import write_dicom
from rtguide.recording.movie import MovieWriter
from rtguide.recording.sequence_export import FrameSeries, write_metaimage, write_nrrd
from rtguide.recording.session_files import guarded
from rtguide.recording.track_lines import track_line

__all__ = ["ExportForm", "ExportJob", "export"]


class ExportForm(StrEnum):
    """What a session can become."""

    MP4 = "mp4"
    MKV = "mkv"
    PNG = "png"
    CSV = "csv"
    PARQUET = "parquet"
    MHA = "mha"
    NRRD = "nrrd"
    DICOM = "dicom"


@dataclass(frozen=True, slots=True)
class ExportJob:
    """What was asked for. has_overlay: burn in what was shown (movies and pictures) · is_anonymous: structures are
    renamed by number, the day of the recording is left out.
    """

    session: Path
    form: ExportForm
    out: Path
    has_overlay: bool = False
    is_anonymous: bool = False

    def __post_init__(self) -> None:
        if self.has_overlay and self.form not in (ExportForm.MP4, ExportForm.MKV, ExportForm.PNG):
            raise ConfigError(f"--overlay goes with mp4, mkv and png, not with {self.form}: leave it out")


def export(job: ExportJob, painter: Painter | None) -> int:
    """Write it; returns how many frames. The pictures show the recorded region only, black around it.

    Raises
    ------
    RecordingError
        The session cannot be read, or the export not written.
    """
    if job.out.exists():
        raise RecordingError(f"{job.out}: is there already; give another name, or remove it")
    recorded = open_recorded(job.session)
    try:
        _FORMS[job.form](job, recorded, painter)
        return recorded.frame_count
    finally:
        recorded.close()


def _movie(job: ExportJob, recorded: RecordedSession, painter: Painter | None) -> None:
    shape_px = recorded.scene(0).frame.shape_px
    with MovieWriter(job.out, shape_px, "mp4" if job.form is ExportForm.MP4 else "matroska") as movie:
        for index, picture in _pictures(job, recorded, painter):
            movie.write(picture, recorded.time_s(index))


def _png(job: ExportJob, recorded: RecordedSession, painter: Painter | None) -> None:
    guarded(job.out, job.out.mkdir)
    for index, picture in _pictures(job, recorded, painter):
        guarded(job.out, Image.fromarray(picture).save, job.out / f"frame-{index:06d}.png")


def _pictures(
    job: ExportJob, recorded: RecordedSession, painter: Painter | None
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for index in range(recorded.frame_count):
        scene = recorded.scene(index)
        pixels = scene.frame.pixels
        if job.has_overlay and painter is not None:
            pixels = painter.paint(scene)
        elif pixels.ndim == 2:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
        yield index, pixels


def _csv(job: ExportJob, recorded: RecordedSession, _painter: Painter | None) -> None:
    """One row a frame: the keys of a `track` line joined by dots; the structures in one column as JSON."""
    with guarded(job.out, lambda: job.out.open("w", encoding="utf-8", newline="")) as file:
        writer = None
        for row in _rows(job, recorded):
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)


def _parquet(job: ExportJob, recorded: RecordedSession, _painter: Painter | None) -> None:
    """The same table, typed."""
    try:
        import pyarrow  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("parquet needs pyarrow: pip install 'rtguide[parquet]', or use --to csv") from error
    table = pyarrow.Table.from_pylist(list(_rows(job, recorded)))
    guarded(job.out, parquet.write_table, table, job.out)


def _rows(job: ExportJob, recorded: RecordedSession) -> Iterator[dict[str, Any]]:
    for index in range(recorded.frame_count):
        yield dict(_flat(_line(recorded.scene(index), index, recorded.time_s(index), job.is_anonymous)))


def _line(scene: Scene, index: int, time_s: float, is_anonymous: bool) -> dict[str, Any]:
    line = {**track_line(scene), "frame": index, "time_s": round(time_s, 6)}
    if is_anonymous:
        for number, target in enumerate(line["targets"], start=1):
            target["name"] = f"structure {number}"
        line["guidance"]["advice"] = None
        line["guidance"]["alarms"] = [{**alarm, "text": None} for alarm in line["guidance"]["alarms"]]
    return line


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _series(recorded: RecordedSession) -> FrameSeries:
    first = recorded.scene(0)
    geometry = first.geometry

    def grey(index: int) -> NDArray[np.uint8]:
        pixels = recorded.scene(index).frame.pixels
        return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)

    times_s = tuple(recorded.time_s(index) for index in range(recorded.frame_count))
    is_one = all(other == geometry for other in recorded.geometries)  # one figure cannot stand for several depths
    spacing_mm = geometry.spacing_mm if geometry.is_verified and is_one else None
    return FrameSeries(times_s, first.frame.shape_px, spacing_mm, grey)


def _mha(job: ExportJob, recorded: RecordedSession, _painter: Painter | None) -> None:
    write_metaimage(job.out, _series(recorded))


def _nrrd(job: ExportJob, recorded: RecordedSession, _painter: Painter | None) -> None:
    write_nrrd(job.out, _series(recorded))


def _dicom(job: ExportJob, recorded: RecordedSession, _painter: Painter | None) -> None:
    created_ns = None if job.is_anonymous else recorded.created_wall_ns
    write_dicom(job.out, _series(recorded), recorded.scene(0).geometry, created_ns)


_FORMS: dict[ExportForm, Callable[[ExportJob, RecordedSession, Painter | None], None]] = {
    ExportForm.MP4: _movie,
    ExportForm.MKV: _movie,
    ExportForm.PNG: _png,
    ExportForm.CSV: _csv,
    ExportForm.PARQUET: _parquet,
    ExportForm.MHA: _mha,
    ExportForm.NRRD: _nrrd,
    ExportForm.DICOM: _dicom,
}
