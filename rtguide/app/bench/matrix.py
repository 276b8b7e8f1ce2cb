"""Renders the clips of a matrix, those that are not there yet, in as many processes as allowed."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rtguide.app.bench.parallel import shown_results
from rtguide.app.console import warm_up_kernels
from rtguide.errors import RecordingError
from rtguide.phantom.case_folder import write_case
from rtguide.phantom.clip_matrix import Cell
from rtguide.phantom.phantom import Phantom

__all__ = ["RenderJob", "render_missing"]

MADE = "made.json"
"""Written last into a clip's folder: of what it was made."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A clip and the folder it goes to."""

    cell: Cell
    folder: Path

    def is_done(self) -> bool:
        """Whether it is there, whole, and made by this very phantom."""
        try:
            made = json.loads((self.folder / MADE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(made.get("fingerprint") == self.cell.fingerprint())


def render_missing(cells: Sequence[Cell], root: Path, processes: int) -> tuple[list[Path], int]:
    """Folders of the clips, in order, and how many of them had to be rendered.

    A folder that was begun and not finished, or made by another phantom, is rendered anew.

    Raises
    ------
    RecordingError
        One cannot be written, or is something else than a clip of a matrix.
    """
    jobs = [RenderJob(cell, root / cell.name) for cell in cells]
    missing = [job for job in jobs if not job.is_done()]
    warm_up_kernels()
    shown_results("rendering", render, missing, processes)
    return [job.folder for job in jobs], len(missing)


def render(job: RenderJob) -> None:
    """Render one clip into its folder."""
    _emptied(job.folder)
    phantom = Phantom(job.cell.build_scenario(), job.cell.seed, job.cell.condition.fps)
    for _ in write_case(phantom, job.folder, job.cell.options):
        pass
    made = {"fingerprint": job.cell.fingerprint(), "clip": job.cell.name}
    (job.folder / MADE).write_text(json.dumps(made), encoding="utf-8")


_FILES = {"case.json", "truth.csv", "truth.jsonl", "video.mkv", MADE}


def _emptied(folder: Path) -> None:
    """Take away what is left of an earlier clip; never anything else."""
    if not folder.exists():
        return
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in _FILES)
    if foreign:
        raise RecordingError(f"{folder} holds {foreign[0]}, which is no part of a clip: give another folder")
    shutil.rmtree(folder)
