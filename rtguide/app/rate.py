"""`rtguide rate`: recordings prepared for blinded raters, and how far two of them agree."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rtguide.app.export import ExportForm, ExportJob
from rtguide.app.export import export as run_export
from rtguide.errors import ConfigError, RecordingError
from rtguide.recording.session_files import guarded
from rtguide.training.rating import Sheet, agreement_of_raters, blank_sheet, codes_for, read_sheet
from rtguide.training.rubric import Rubric, read_rubric

__all__ = ["RateJob", "prepare", "rated"]

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
