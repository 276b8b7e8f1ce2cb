"""`rtguide export`: a recorded session as movie, pictures, table, sequence or DICOM."""

import contextlib
import csv
import json
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rtguide.app.console import stderr
from rtguide.app.export_side import SideColumn, side_named
from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.errors import ConfigError, RecordingError
from rtguide.model.scene import Scene
from rtguide.opencv import cv2
from rtguide.ports import Painter
from rtguide.recording.burned_text import MOST_PICTURES, find_text
from rtguide.recording.dicom_export import write_dicom
from rtguide.recording.layout import Box
from rtguide.recording.movie import MovieWriter
from rtguide.recording.nameless import nameless
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
    """What was asked for.

    has_overlay: burn in what was shown (movies and pictures) · is_anonymous: structures are renamed by number, the day
    of the recording is left out, text in the picture is refused · blank: parts of every picture to be made black ·
    is_text_ok: what looks like text was looked at and may stay · side: a second camera beside the picture, empty:
    none · has_sound: movies have the first sound channel.
    """

    session: Path
    form: ExportForm
    out: Path
    has_overlay: bool = False
    is_anonymous: bool = False
    blank: tuple[Box, ...] = ()
    is_text_ok: bool = False
    side: str = ""
    has_sound: bool = True

    def __post_init__(self) -> None:
        if self.has_overlay and self.form not in (ExportForm.MP4, ExportForm.MKV, ExportForm.PNG):
            raise ConfigError(f"--overlay goes with mp4, mkv and png, not with {self.form}: leave it out")
        if self.side and self.form not in (ExportForm.MP4, ExportForm.MKV, ExportForm.PNG):
            raise ConfigError(f"--side goes with mp4, mkv and png, not with {self.form}: leave it out")
        if self.side and self.is_anonymous:
            raise ConfigError("--side shows whoever stood before the camera: leave it out with --anonymous")


def export(job: ExportJob, painter: Painter | None) -> int:
    """Write it, with a bar on the terminal; returns how many frames. Pictures show the recorded region, else black.

    Raises
    ------
    RecordingError
        The session cannot be read, or the export not written.
    """
    if job.out.exists():
        raise RecordingError(f"{job.out}: is there already; give another name, or remove it")
    recorded = open_recorded(job.session)
    columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        if job.form not in (ExportForm.CSV, ExportForm.PARQUET):
            _check_text(job, recorded)
        with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
            task = progress.add_task("", total=recorded.frame_count)
            work = _Work(job, recorded, painter, lambda index: progress.update(task, completed=index + 1))
            try:
                _FORMS[job.form](work)
            except BaseException:  # Ctrl-C too: half an export looks like a whole one
                _remove(job.out)
                raise
        return recorded.frame_count
    finally:
        recorded.close()


def _remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            out.unlink(missing_ok=True)


def _check_text(job: ExportJob, recorded: RecordedSession) -> None:
    """Say, or with `is_anonymous` refuse, what looks like text in the pictures."""
    count = recorded.frame_count
    indices = sorted({round(k * (count - 1) / (MOST_PICTURES - 1)) for k in range(MOST_PICTURES)})
    pictures = [_blanked(_grey(recorded.scene(index).frame.pixels), job.blank) for index in indices]
    same = [picture for picture in pictures if picture.shape == pictures[0].shape]
    found = find_text(same)
    if not found or job.is_text_ok:
        return
    places = ", ".join(f"{box.x},{box.y},{box.width},{box.height}" for box in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    text = f"what looks like text stands in the picture at X,Y,WIDTH,HEIGHT {places}{more}"
    mend = "make it black with --blank X,Y,WIDTH,HEIGHT"
    if not job.is_anonymous:
        stderr.print(f"[bold]note:[/] {text}: names may be among it; {mend}", highlight=False)
        return
    picture = job.out.with_name(f"{job.out.name}-text.png")
    marked = cv2.cvtColor(same[0], cv2.COLOR_GRAY2RGB)
    for box in found:
        cv2.rectangle(marked, (box.x, box.y), (box.x + box.width, box.y + box.height), (255, 60, 60), 2)
    guarded(picture, Image.fromarray(marked.astype(np.uint8)).save, picture)
    raise RecordingError(
        f"{text}: look at {picture} (and remove it); {mend}, or say --text-ok if it names nobody. Nothing was exported"
    )


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _blanked(pixels: NDArray[np.uint8], boxes: tuple[Box, ...]) -> NDArray[np.uint8]:
    """A copy with these parts black."""
    pixels = pixels.copy()
    for box in boxes:
        pixels[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    return pixels


@dataclass(frozen=True, slots=True)
class _Work:
    """An export that runs. at_frame: told the index of every frame when it is taken up."""

    job: ExportJob
    recorded: RecordedSession
    painter: Painter | None
    at_frame: Callable[[int], None]

    def scenes(self) -> Iterator[tuple[int, Scene]]:
        """Every frame's index and scene, in order."""
        for index in range(self.recorded.frame_count):
            self.at_frame(index)
            yield index, self.scene(index)

    def scene(self, index: int) -> Scene:
        """One frame's scene, parts of its picture made black as asked."""
        scene = self.recorded.scene(index)
        if self.job.is_anonymous:
            scene = nameless(scene)
        if not self.job.blank:
            return scene
        return replace(scene, frame=replace(scene.frame, pixels=_blanked(scene.frame.pixels, self.job.blank)))


def _movie(work: _Work) -> None:
    shape_px = work.recorded.scene(0).frame.shape_px
    container = "mp4" if work.job.form is ExportForm.MP4 else "matroska"
    is_heard = work.job.has_sound and not work.job.is_anonymous  # a voice names people
    sound = work.recorded.sound() if is_heard else None
    column = _column(work)
    if column is not None:
        shape_px = column.joined_shape_px(shape_px)
    with MovieWriter(work.job.out, shape_px, container, sound) as movie:
        for index, picture in _pictures(work):
            movie.write(picture, work.recorded.time_s(index))


def _png(work: _Work) -> None:
    guarded(work.job.out, work.job.out.mkdir)
    for index, picture in _pictures(work):
        guarded(work.job.out, Image.fromarray(picture).save, work.job.out / f"frame-{index:06d}.png")


def _column(work: _Work) -> SideColumn | None:
    if not work.job.side:
        return None
    return SideColumn(side_named(work.job.side, work.recorded.side_videos), work.recorded.scene(0).frame.shape_px)


def _pictures(work: _Work) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    column = _column(work)
    for index, scene in work.scenes():
        pixels = scene.frame.pixels
        if work.job.has_overlay and work.painter is not None:
            pixels = work.painter.paint(scene)
        elif pixels.ndim == 2:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
        if column is not None:
            pixels = column.beside(pixels, work.recorded.captured_ns(index))
        yield index, pixels


def _csv(work: _Work) -> None:
    """One row a frame: the keys of a `track` line joined by dots; the structures in one column as JSON."""
    out = work.job.out
    with guarded(out, lambda: out.open("w", encoding="utf-8", newline="")) as file:
        writer = None
        for row in _rows(work):
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)


def _parquet(work: _Work) -> None:
    """The same table, typed."""
    try:
        import pyarrow  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("parquet needs pyarrow: pip install 'rtguide[parquet]', or use --to csv") from error
    table = pyarrow.Table.from_pylist(list(_rows(work)))
    guarded(work.job.out, parquet.write_table, table, work.job.out)


def _rows(work: _Work) -> Iterator[dict[str, Any]]:
    for index in range(work.recorded.frame_count):
        work.at_frame(index)
        scene = work.recorded.said(index)
        row = dict(_flat(_line(scene, index, work.recorded.time_s(index), work.job.is_anonymous)))
        yield row | dict(_side_values(work, index))


def _side_values(work: _Work, index: int) -> Iterator[tuple[str, Any]]:
    """What every side channel gave last when the frame was captured. Words may be names."""
    t_ns = work.recorded.captured_ns(index)
    for side in work.recorded.sides:
        value, text = side.at(t_ns)
        yield f"side.{side.name}", None if math.isnan(value) else value
        if any(side.texts) and not work.job.is_anonymous:
            yield f"side.{side.name}.text", text or None


def _line(scene: Scene, index: int, time_s: float, is_anonymous: bool) -> dict[str, Any]:
    line = {**track_line(nameless(scene) if is_anonymous else scene), "frame": index, "time_s": round(time_s, 6)}
    if is_anonymous:
        line["guidance"]["advice"] = None
        line["guidance"]["alarms"] = [{**alarm, "text": None} for alarm in line["guidance"]["alarms"]]
    return line


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _series(work: _Work) -> FrameSeries:
    """Of grey frames: what is coloured loses its colour."""
    recorded = work.recorded
    first = recorded.scene(0)
    geometry = first.geometry

    def grey(index: int) -> NDArray[np.uint8]:
        work.at_frame(index)
        return _grey(work.scene(index).frame.pixels)

    times_s = tuple(recorded.time_s(index) for index in range(recorded.frame_count))
    is_one = all(other == geometry for other in recorded.geometries)  # one figure cannot stand for several depths
    spacing_mm = geometry.spacing_mm if geometry.is_verified and is_one else None
    return FrameSeries(times_s, first.frame.shape_px, spacing_mm, grey)


def _mha(work: _Work) -> None:
    write_metaimage(work.job.out, _series(work))


def _nrrd(work: _Work) -> None:
    write_nrrd(work.job.out, _series(work))


def _dicom(work: _Work) -> None:
    created_ns = None if work.job.is_anonymous else work.recorded.created_wall_ns
    write_dicom(work.job.out, _series(work), work.recorded.scene(0).geometry, created_ns)


_FORMS: dict[ExportForm, Callable[[_Work], None]] = {
    ExportForm.MP4: _movie,
    ExportForm.MKV: _movie,
    ExportForm.PNG: _png,
    ExportForm.CSV: _csv,
    ExportForm.PARQUET: _parquet,
    ExportForm.MHA: _mha,
    ExportForm.NRRD: _nrrd,
    ExportForm.DICOM: _dicom,
}
