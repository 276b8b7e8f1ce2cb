"""`rtguide annotate`: marks by hand on a clip or session, their forms elsewhere, and how far two annotators agree."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.diff import lines_of
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError, RecordingError
from rtguide.ports import FrameSource, SeekableSource
from rtguide.recording.layout import SESSION_NAME
from rtguide.recording.session_files import guarded
from rtguide.training.agreement import agreement_of
from rtguide.training.annotation import Annotation, Clip
from rtguide.training.annotation_case import write_annotation_case
from rtguide.training.annotation_coco import from_coco, to_coco
from rtguide.training.annotation_cvat import from_cvat, to_cvat
from rtguide.training.annotation_file import annotation_path, read_annotation, write_annotation

__all__ = ["AnnotateJob", "agreement_with", "export_marks", "import_marks", "said_of", "show_annotate"]

MOST_BYTES = 100_000_000
"""Of a file with marks from elsewhere, a hundred thousand outlines: it is read as a whole."""


@dataclass(frozen=True, slots=True)
class AnnotateJob:
    """path: a clip or session · annotator · names: of structures, in the order of the keys 1 to 9 · mm_per_px: the
    user's own scale, None for the source's, where that is verified · compare: lines of `rtguide track`, or a session; a
    session is compared with what was said when it was recorded.
    """

    path: Path
    annotator: str
    names: tuple[str, ...] = ("nerve", "artery", "vein")
    mm_per_px: float | None = None
    compare: Path | None = None

    @property
    def file(self) -> Path:
        """Where the marks are kept."""
        return annotation_path(self.path, self.annotator)


class ClipFrames:
    """Any frame of a recording by its number."""

    def __init__(self, path: Path) -> None:
        source: FrameSource = open_source(str(path), SystemClock(), is_paced=False)
        if not isinstance(source, SeekableSource) or not source.info.frame_count:
            source.close()
            raise ConfigError(f"{path} is no recording whose frames can be reached by number: give a clip or session")
        self._source: SeekableSource = source

    def clip(self, path: Path, mm_per_px: float | None) -> Clip:
        """What it is."""
        info, geometry = self._source.info, self._source.geometry
        if mm_per_px is None and geometry is not None and geometry.is_verified and geometry.spacing_mm is not None:
            mm_per_px = geometry.spacing_mm[0]
        return Clip(path.name, info.shape_px, info.frame_count or 1, info.rate_hz or 25.0, mm_per_px)

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """uint8 (h, w) or (h, w, 3) RGB."""
        self._source.seek(index)
        frame = self._source.read(10.0)
        if frame is None:
            raise RecordingError("did not come within ten seconds")
        return frame.pixels

    def close(self) -> None:
        """Let go of it."""
        self._source.close()


def show_annotate(job: AnnotateJob, run: Callable[[Callable[[], Any]], None]) -> None:
    """The window, until it is closed. run: makes it, and shows it."""
    from rtguide.view.annotate_window import AnnotateWindow  # noqa: PLC0415 - Qt takes its time
    from rtguide.view.annotation_marks import AnnotationMarks  # noqa: PLC0415

    lines = said_of(job)
    frames = ClipFrames(job.path)
    try:
        annotation = opened(job, frames)
        marks = AnnotationMarks(annotation, lambda now: write_annotation(now, job.file))
        drawn = dict.fromkeys(name for key in annotation.keys for name in key.outlines_px)
        names = tuple(dict.fromkeys((*job.names, *drawn)))
        run(lambda: AnnotateWindow(marks, frames.pixels, names, lines))
    finally:
        frames.close()


def said_of(job: AnnotateJob) -> list[dict[str, Any]]:
    """What a tracker said of the clip: as wished, or as it was recorded; nothing where nobody tracked it.

    Raises
    ------
    RecordingError
        It can be read neither as lines nor as a session.
    """
    path = job.compare or (job.path if (job.path / SESSION_NAME).exists() else None)
    if path is None:
        return []
    lines, session = lines_of(path)
    if session is not None:
        session.close()
    return lines


def opened(job: AnnotateJob, frames: ClipFrames) -> Annotation:
    """What was marked before, or nothing yet.

    Raises
    ------
    ConfigError
        What was marked belongs to another clip.
    """
    clip = frames.clip(job.path, job.mm_per_px)
    if not job.file.exists():
        return Annotation(clip, job.annotator)
    found = read_annotation(job.file)
    if (found.clip.shape_px, found.clip.frame_count) != (clip.shape_px, clip.frame_count):
        raise ConfigError(
            f"{job.file} was marked on {found.clip.frame_count} frames of {found.clip.shape_px}; this clip has "
            f"{clip.frame_count} of {clip.shape_px}: give another --annotator"
        )
    return replace(found, clip=clip)


def export_marks(job: AnnotateJob, form: str, out: Path, *, has_between: bool) -> None:
    """Write what was marked as `case` (a folder), `coco` or `cvat` (a file). A clip is linked or copied into a case."""
    if out.exists():
        raise RecordingError(f"{out}: is there already; give another name, or remove it")
    frames = ClipFrames(job.path)
    try:
        annotation = replace(read_annotation(job.file), clip=frames.clip(job.path, job.mm_per_px))
    finally:
        frames.close()
    if form == "coco":
        guarded(out, out.write_text, json.dumps(to_coco(annotation), indent=1, ensure_ascii=False), "utf-8")
    elif form == "cvat":
        guarded(out, out.write_text, to_cvat(annotation), "utf-8")
    else:
        is_folder = job.path.is_dir()
        video = str(job.path.resolve()) if is_folder else job.path.name
        write_annotation_case(annotation, video, out, has_between=has_between)
        if not is_folder:
            guarded(out, _put, job.path, out / job.path.name)


def import_marks(job: AnnotateJob, source: Path) -> int:
    """Take marks made elsewhere, by the file's kind; gives how many key frames. Marks of one's own are never replaced.

    Raises
    ------
    ConfigError
        It is neither COCO nor CVAT, or this annotator has marks already.
    """
    if job.file.exists():
        raise ConfigError(f"{job.file} holds marks already: give another --annotator for what is imported")
    try:
        if source.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{source} has more than {MOST_BYTES // 1_000_000} MB: export fewer frames, or one clip")
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source} cannot be read ({error}): give a COCO .json or a CVAT .xml") from error
    frames = ClipFrames(job.path)
    try:
        clip = frames.clip(job.path, job.mm_per_px)
    finally:
        frames.close()
    if source.suffix.lower() == ".xml":
        annotation = from_cvat(text, clip, job.annotator)
    else:
        try:
            value = json.loads(text)
        except ValueError as error:
            raise ConfigError(f"{source} is no JSON ({error}): give a COCO .json or a CVAT .xml") from error
        annotation = from_coco(value, clip, job.annotator)
    write_annotation(annotation, job.file)
    return len(annotation.keys)


def agreement_with(job: AnnotateJob, other: str) -> dict[str, Any]:
    """Figures of agreement between two annotators of one clip; with a scale in mm too."""
    one, two = read_annotation(job.file), read_annotation(annotation_path(job.path, other))
    told: dict[str, Any] = asdict(agreement_of(one, two))
    scale = job.mm_per_px or one.clip.mm_per_px
    for name in ("tip_median", "tip_p95"):
        px = told[f"{name}_px"]
        told[f"{name}_mm"] = None if scale is None or px is None else px * scale
    return told


def _put(source: Path, target: Path) -> None:
    """By a hard link where the disk allows it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
