"""Annotations on disk: one JSON file an annotator, written whole after every change, never half."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from rtguide.errors import ConfigError, RecordingError
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight

__all__ = ["annotation_path", "as_json", "from_json", "read_annotation", "write_annotation"]

VERSION = 1


def annotation_path(clip: Path, annotator: str) -> Path:
    """Inside a session folder, or beside a clip."""
    if not annotator or not all(letter.isalnum() or letter in "-_" for letter in annotator):
        raise ConfigError(f"an annotator is named by letters, digits, - and _, not {annotator!r}")
    folder = clip / "annotations" if clip.is_dir() else clip.with_name(clip.name + ".annotations")
    return folder / f"{annotator}.json"


def write_annotation(annotation: Annotation, path: Path) -> None:
    """Write it beside, flush it to the disk, then put it in place; the last one stays as `.bak`.

    Raises
    ------
    RecordingError
        It cannot be written; the file that was there is as it was.
    """
    text = json.dumps(as_json(annotation), indent=1, ensure_ascii=False) + "\n"
    new = path.with_suffix(".json.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            backup = path.with_suffix(".json.bak")
            with contextlib.suppress(FileNotFoundError):
                backup.unlink()
            os.link(path, backup)
        new.replace(path)
    except OSError as error:
        raise RecordingError(
            f"{path}: the marks cannot be saved ({error.strerror}); make room or give another folder, then save again"
        ) from error


def read_annotation(path: Path) -> Annotation:
    """What was marked.

    Raises
    ------
    ConfigError
        There is no such file, or it is none of these; the message names the copy from before the last change.
    """
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        backup = path.with_suffix(".json.bak")
        mend = f"; {backup} holds what was there before the last change" if backup.exists() else ""
        raise ConfigError(f"{path} cannot be read as annotations ({error!r}){mend}") from error


def as_json(annotation: Annotation) -> dict[str, Any]:
    """Plain values."""
    clip = annotation.clip
    return {
        "version": VERSION,
        "annotator": annotation.annotator,
        "clip": {"name": clip.name, "shape_px": list(clip.shape_px), "frames": clip.frame_count, "fps": clip.rate_hz,
                 "mm_per_px": clip.mm_per_px},
        "keys": [
            {"frame": key.frame, "tip": key.tip and key.tip.value, "tip_px": key.tip_px and list(key.tip_px),
             "shaft_px": [list(point) for point in key.shaft_px],
             "outlines_px": {name: [list(p) for p in points] for name, points in key.outlines_px.items()}}
            for key in annotation.keys
        ],
    }  # fmt: skip


def from_json(value: dict[str, Any]) -> Annotation:
    """What `as_json` gave."""
    if value["version"] != VERSION:
        raise ConfigError(f"annotations of version {value['version']}; this rtguide reads version {VERSION}")
    said = value["clip"]
    height, width = said["shape_px"]
    clip = Clip(said["name"], (int(height), int(width)), int(said["frames"]), float(said["fps"]), said["mm_per_px"])
    keys = tuple(
        KeyFrame(
            int(key["frame"]),
            None if key["tip"] is None else TipSight(key["tip"]),
            None if key["tip_px"] is None else (float(key["tip_px"][0]), float(key["tip_px"][1])),
            tuple((float(x), float(y)) for x, y in key["shaft_px"]),
            {name: tuple((float(x), float(y)) for x, y in points) for name, points in key["outlines_px"].items()},
        )
        for key in value["keys"]
    )
    return Annotation(clip, value["annotator"], keys)
