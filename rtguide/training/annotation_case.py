"""Annotations as a case folder, which `rtguide bench tracking` takes."""

import csv
import json
from pathlib import Path

import numpy as np

from rtguide.errors import ConfigError
from rtguide.model.points import as_array
from rtguide.recording.session_files import guarded
from rtguide.training.annotation import Annotation, KeyFrame, TipSight

__all__ = ["write_annotation_case"]

_COLUMNS = ("frame", "time_s", "needle", "tip_visible", "tip_x", "tip_y", "entry_x", "entry_y", "target_x", "target_y",
            "target_in_view", "inject", "scr", "source")  # fmt: skip
_SCORED = {TipSight.VISIBLE: 1, TipSight.HIDDEN: 0, TipSight.UNSURE: -1}


def write_annotation_case(annotation: Annotation, video: str, folder: Path, *, has_between: bool = False) -> None:
    """Write `case.json` and `truth.csv`. Only key frames are scored, unless `has_between`: then what is interpolated
    between them too. video: path of the clip, as seen from the folder.

    Raises
    ------
    ConfigError
        No scale is known, or nothing is marked.
    RecordingError
        It cannot be written.
    """
    clip = annotation.clip
    if clip.mm_per_px is None:
        raise ConfigError(f"{clip.name}: errors are judged in mm: give --mm-per-px")
    if not annotation.keys:
        raise ConfigError(f"{clip.name}: nothing is marked yet: there is nothing to judge by")
    target = next((name for key in annotation.keys for name in key.outlines_px), None)
    first = annotation.key(0)
    box = None
    if target is not None and first is not None and target in first.outlines_px:
        low, high = (getattr(as_array(first.outlines_px[target]), end)(axis=0) for end in ("min", "max"))
        box = [float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])]
    said = {
        "name": clip.name, "fps": clip.rate_hz, "px_per_mm": 1.0 / clip.mm_per_px, "probe": {"kind": "unknown"},
        "video": video, "target_box": box, "annotator": annotation.annotator, "target": target,
        "single": None if has_between else [key.frame for key in annotation.keys],
    }  # fmt: skip
    guarded(folder, lambda: folder.mkdir(parents=True, exist_ok=True))
    guarded(folder, (folder / "case.json").write_text, json.dumps(said, indent=1) + "\n", "utf-8")
    with guarded(folder, lambda: (folder / "truth.csv").open("w", encoding="utf-8", newline="")) as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        for frame in range(clip.frame_count):
            key = annotation.key(frame)
            source = "marked" if key is not None else ""
            if key is None and has_between:
                key = annotation.between(frame)
                source = "interpolated" if key is not None else ""
            rows.writerow([frame, f"{frame / clip.rate_hz:.4f}", *_row(key, target), source])


def _row(key: KeyFrame | None, target: str | None) -> list[object]:
    """One frame; where nobody said anything it is a grey zone with a needle, which is not scored."""
    if key is None:
        return [1, -1, "", "", "", "", "", "", 0, 0, ""]
    is_in = key.tip is not TipSight.ABSENT
    tip = key.tip_px or ("", "")
    entry = key.shaft_px[0] if key.shaft_px else ("", "")
    centre: tuple[object, object] = ("", "")
    outline = key.outlines_px.get(target or "")
    if outline is not None:
        points = as_array(outline)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        centre = float(np.round(middle[0], 3)), float(np.round(middle[1], 3))
    visible = _SCORED.get(key.tip, -1) if key.tip is not None else -1
    return [int(is_in), visible if is_in else -1, *tip, *entry, *centre, int(outline is not None), 0, ""]
