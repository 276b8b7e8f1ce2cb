"""A case to judge by: a clip with its truth, in the form that `docs/cases.md` describes."""

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError

__all__ = ["Case", "CaseTruth", "find_cases", "load_case"]

Floats = NDArray[np.float64]

_POINTS = ("tip", "entry", "target")
_NUMBERS = ("frame", "needle", "tip_visible", "target_in_view")


@dataclass(frozen=True, slots=True, eq=False)
class CaseTruth:
    """What is true of each of n frames.

    frame int64 (n,): number in the source · has_needle bool (n,) · tip_visible int64 (n,): 1 visible, 0 hidden, −1 a
    grey zone · tip_px, entry_px, target_px float64 (n, 2): image px, (0, 0) the centre of the top-left pixel, NaN where
    there is none · target_in_view bool (n,) · contrast float64 (n,): echo at the tip over the clutter ahead of it as a
    ratio, NaN where unknown.
    """

    frame: NDArray[np.int64]
    has_needle: NDArray[np.bool_]
    tip_visible: NDArray[np.int64]
    tip_px: Floats
    entry_px: Floats
    target_px: Floats
    target_in_view: NDArray[np.bool_]
    contrast: Floats

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in self.__slots__}
        if len(lengths) != 1:
            raise ConfigError(f"truth has columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.frame)

    def median_contrast(self) -> float:
        """Median echo-to-clutter of the tip over the frames where it is visible; NaN without one."""
        shown = self.contrast[(self.tip_visible == 1) & np.isfinite(self.contrast)]
        return float(np.median(shown)) if len(shown) else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A clip and what is true of it.

    px_per_mm: > 0 · rate_hz: > 0, frames a second of the clip · probe: linear, curved or unknown · target_box: (x, y,
    width, height) in image px on the first frame, None where nothing is to be followed · stills: indices of the only
    frames that are scored, None for all.
    """

    name: str
    video: Path
    px_per_mm: float
    rate_hz: float
    probe: str
    target_box: tuple[float, float, float, float] | None
    stills: tuple[int, ...] | None
    truth: CaseTruth

    def __post_init__(self) -> None:
        if not (self.px_per_mm > 0 and self.rate_hz > 0):
            raise ConfigError(f"{self.name}: px_per_mm {self.px_per_mm} and fps {self.rate_hz} must be above 0")
        if self.stills is not None and any(not 0 <= index < len(self.truth) for index in self.stills):
            raise ConfigError(f"{self.name}: `single` names frames outside the {len(self.truth)} rows of truth.csv")

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.truth) / self.rate_hz


def find_cases(paths: list[Path]) -> list[Path]:
    """Case folders among these paths: each is one itself, or holds some.

    Raises
    ------
    ConfigError
        One of them is no case and holds none.
    """
    found: list[Path] = []
    for path in paths:
        here = [path] if (path / "case.json").is_file() else sorted(p.parent for p in path.glob("*/case.json"))
        if not here:
            raise ConfigError(f"{path} is no case and holds none: a case is a folder with case.json and truth.csv")
        found += here
    return list(dict.fromkeys(found))


def load_case(folder: Path) -> Case:
    """Read a case folder.

    Raises
    ------
    ConfigError
        A file is missing or does not say what it should; the message names it.
    """
    try:
        said = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder} cannot be read as a case ({error})") from error
    try:
        box = said.get("target_box")
        return Case(
            folder.name,
            folder / said.get("video", "video.mkv"),
            float(said["px_per_mm"]),
            float(said["fps"]),
            str((said.get("probe") or {}).get("kind", "unknown")),
            None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
            None if said.get("single") is None else tuple(int(index) for index in said["single"]),
            _truth(rows, folder),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ConfigError(f"{folder / 'case.json'} does not hold what docs/cases.md asks for: {error!r}") from error


def _truth(rows: list[dict[str, Any]], folder: Path) -> CaseTruth:
    if not rows:
        raise ConfigError(f"{folder / 'truth.csv'} has no row: there is nothing to judge by")
    missing = [name for name in (*_NUMBERS, *(f"{p}_{axis}" for p in _POINTS for axis in "xy")) if name not in rows[0]]
    if missing:
        raise ConfigError(f"{folder / 'truth.csv'} has no column {', '.join(missing)}; docs/cases.md lists them")
    tip, entry, target = (np.column_stack([_column(rows, f"{p}_x"), _column(rows, f"{p}_y")]) for p in _POINTS)
    whole = {name: np.nan_to_num(_column(rows, name)).astype(np.int64) for name in _NUMBERS}
    return CaseTruth(
        whole["frame"],
        whole["needle"] > 0,
        whole["tip_visible"],
        tip,
        entry,
        target,
        whole["target_in_view"] > 0,
        _column(rows, "scr"),
    )


def _column(rows: list[dict[str, Any]], name: str) -> Floats:
    """A column as float64 (n,); NaN where a cell is empty or there is no such column."""
    return np.array([float(row[name]) if row.get(name) not in (None, "", "nan") else math.nan for row in rows])
