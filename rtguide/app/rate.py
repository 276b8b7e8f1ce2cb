"""`rtguide rate`: recordings prepared for blinded raters, and how far two of them agree."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.annotate import ClipFrames
from rtguide.app.export import ExportForm, ExportJob
from rtguide.app.export import export as run_export
from rtguide.errors import ConfigError, RecordingError
from rtguide.recording.session_files import guarded, replace_file
from rtguide.training.rating import (
    Answer,
    Sheet,
    agreement_of_raters,
    blank_sheet,
    codes_for,
    read_begun_sheet,
    read_sheet,
    sheet_text,
)
from rtguide.training.rubric import Rubric, read_rubric

__all__ = ["SHEET_FILE", "RateJob", "prepare", "rated", "show_rate"]

KEY_FILE, SHEET_FILE = "key.json", "sheet.toml"


@dataclass(frozen=True, slots=True)
class RateJob:
    """sessions · raters: a folder for each inside `out` · rubric: None for the standard one."""

    sessions: tuple[Path, ...]
    raters: tuple[str, ...]
    out: Path
    rubric: Path | None = None


def prepare(job: RateJob) -> Path:
    """For each rater a folder with clips under codes of his own, without overlay or sound, and an empty sheet.

    Gives the path of the key.

    The key tells which code is whom, and belongs to nobody who rates.

    Raises
    ------
    RtguideError
        The folder is there already, two sessions share a name, or a session cannot be read.
    """
    names = [folder.name for folder in job.sessions]
    if len(set(names)) < len(names):
        raise ConfigError("two sessions have the same name: a code could not tell them apart")
    if not job.raters or len(set(job.raters)) < len(job.raters) or not all(name.isalnum() for name in job.raters):
        raise ConfigError(f"raters are named by letters and digits, each once, not {', '.join(job.raters)}")
    if job.out.exists():
        raise RecordingError(f"{job.out}: is there already; give another name, or remove it")
    rubric = read_rubric(job.rubric)
    if not rubric.checklist:
        raise ConfigError(f"{rubric.name} has no checklist: nothing to ask a rater")
    try:
        return _filled(job, rubric, dict(zip(names, job.sessions, strict=True)))
    except BaseException:  # Ctrl-C too: half of it looks like the whole, and stands in the way of the next try
        shutil.rmtree(job.out, ignore_errors=True)
        raise


def _filled(job: RateJob, rubric: Rubric, folders: dict[str, Path]) -> Path:
    key = {}
    for rater in job.raters:
        codes, place = codes_for(list(folders), rater), job.out / rater
        guarded(place, lambda place=place: place.mkdir(parents=True))
        for code, name in codes.items():
            clip = place / f"{code}.mp4"
            run_export(ExportJob(folders[name], ExportForm.MP4, clip, has_sound=False), None)  # voices are known
        sheet = blank_sheet(rubric, list(codes), rater)
        guarded(place, (place / SHEET_FILE).write_text, sheet, "utf-8")
        key[rater] = codes
    path = job.out / KEY_FILE
    guarded(path, path.write_text, json.dumps(key, indent=1) + "\n", "utf-8")
    return path


class _Watched:
    """A clip of a rater's folder."""

    def __init__(self, path: Path) -> None:
        self._frames = ClipFrames(path)
        clip = self._frames.clip(path, None)
        self.frame_count, self.rate_hz = clip.frame_count, clip.rate_hz

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """A frame."""
        return self._frames.pixels(index)

    def close(self) -> None:
        """Let go of it."""
        self._frames.close()


def show_rate(place: Path, rubric_path: Path | None, run: Callable[[Callable[[], Any]], None]) -> None:
    """The window on a rater's own folder, with the answers given so far. run: makes it, and shows it.

    Raises
    ------
    ConfigError
        It holds no sheet, or one that cannot be.
    """
    from rtguide.view.rate_window import RateWindow  # noqa: PLC0415 - Qt takes its time

    rubric, path = read_rubric(rubric_path), place / SHEET_FILE
    answers = read_begun_sheet(path, rubric)
    if not answers:
        raise ConfigError(f"{path} names no clip: prepare it with `rtguide rate SESSION… --out DIR`")

    def save(now: Mapping[str, Mapping[str, Answer]]) -> None:
        guarded(path, replace_file, path, sheet_text(rubric, now, place.name).encode())

    run(lambda: RateWindow(rubric.checklist, answers, lambda code: _Watched(place / f"{code}.mp4"), save))


def rated(folder: Path, rubric_path: Path | None) -> dict[str, Any]:
    """The first two raters' filled sheets of a prepared folder, opened by its key: agreement and each one's answers."""
    rubric = read_rubric(rubric_path)
    try:
        key: dict[str, dict[str, str]] = json.loads((folder / KEY_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder} was not prepared by `rtguide rate` ({error})") from error
    if len(key) != 2:
        raise ConfigError(f"{folder} has {len(key)} raters; agreement is that of two")
    sheets: dict[str, Sheet] = {}
    for rater, codes in key.items():
        sheet = read_sheet(folder / rater / SHEET_FILE, rubric)
        unknown = [code for code in sheet if code not in codes]
        if unknown:
            raise ConfigError(f"{folder / rater / SHEET_FILE}: no clip has the code {', '.join(unknown)}")
        sheets[rater] = {codes[code]: answers for code, answers in sheet.items()}
    one, other = sheets.values()
    agreement = [asdict(item) for item in agreement_of_raters(rubric, one, other)]
    return {"raters": list(sheets), "agreement": agreement, "answers": sheets}
