"""Where a tracked calibration looked, as a picture: what was searched, found and fitted, above all when it failed."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.plugins import tracked_method
from rtguide.calibration_ports import SearchShown
from rtguide.errors import CalibrationError, RecordingError
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_calibration import Search, TrackedCalibration
from rtguide.opencv import cv2

__all__ = ["calibrate_tracked", "write_search"]

SEARCHED, FOUND, FITTED = (60, 220, 255), (60, 140, 255), (80, 220, 80)
"""BGR: yellow, orange, green."""

LEGEND = "yellow: searched. orange: found. green: fitted. "
STRIP_PX, LETTER_PX = 22, 9
"""Height of a line of text below the picture, and about the width of a letter."""


def calibrate_tracked(
    name: str, recordings: Sequence[Sequence[TrackedFrame]], settings: Mapping[str, Any], picture: Path | None
) -> TrackedCalibration:
    """Ask a tracked method, and draw where it looked, whether it succeeds or not.

    Raises
    ------
    CalibrationError
        It cannot be told; the message names the picture, or how to get one.
    RecordingError
        The picture cannot be written.
    """
    method = tracked_method(name)
    try:
        found = method.calibrate(recordings, settings)
    except CalibrationError as error:
        if picture is None:
            raise CalibrationError(f"{error} (--picture FILE.png draws where it looked)") from error
        try:
            where = _drawn(method, recordings, settings, picture, has_failed=True)
        except RecordingError as other:
            where = f"where it looked is not drawn: {other}"
        raise CalibrationError(f"{error} ({where})") from error
    if picture is not None:
        _drawn(method, recordings, settings, picture, has_failed=False)
    return found


def _drawn(
    method: object,
    recordings: Sequence[Sequence[TrackedFrame]],
    settings: Mapping[str, Any],
    picture: Path,
    *,
    has_failed: bool,
) -> str:
    """Write the picture; what became of it in words."""
    seen = method.search(recordings, settings, has_failed=has_failed) if isinstance(method, SearchShown) else None
    if seen is None:
        return f"{picture} is not written: there is no picture to show"
    write_search(seen, picture)
    return f"where it looked is drawn in {picture}"


def write_search(seen: Search, path: Path) -> None:
    """The picture with the part that was searched, what was found and what was fitted, and the words below it.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    grey = seen.pixels if seen.pixels.ndim == 3 else np.dstack([seen.pixels] * 3)
    canvas = np.ascontiguousarray(grey[..., ::-1])
    width = max(1, round(canvas.shape[0] / 500))
    box = seen.searched
    corners = [(box.x, box.y), (box.x + box.width, box.y), (box.x + box.width, box.y + box.height)]
    _line(canvas, np.array([*corners, (box.x, box.y + box.height), (box.x, box.y)]), SEARCHED, width)
    for x, y in seen.points_px:
        at = (round(float(x) * 16), round(float(y) * 16))
        cv2.circle(canvas, at, 16 * (3 + 3 * width), FOUND, width, cv2.LINE_AA, 4)
    for line in seen.lines_px:
        _line(canvas, line, FITTED, width)
    canvas = np.vstack([canvas, _words(LEGEND + seen.note, canvas.shape[1])])
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg") or not path.parent.is_dir():
        raise RecordingError(f"{path}: cannot be written; give a name that ends with .png or .jpg in a folder of yours")
    if not cv2.imwrite(str(path), canvas):
        raise RecordingError(f"{path}: cannot be written; check the folder and the disk")


def _line(canvas: NDArray[np.uint8], points_px: NDArray[np.float64], colour: tuple[int, int, int], width: int) -> None:
    cv2.polylines(canvas, [np.round(points_px * 16).astype(np.int32)], False, colour, width, cv2.LINE_AA, 4)


def _words(text: str, width_px: int) -> NDArray[np.uint8]:
    """The text on black, wrapped to the width, uint8 (h, width_px, 3)."""
    rows = textwrap.wrap(text.encode("ascii", "replace").decode(), max(20, width_px // LETTER_PX))
    strip = np.zeros((STRIP_PX * len(rows) + 8, width_px, 3), np.uint8)
    for number, row in enumerate(rows, start=1):
        cv2.putText(
            strip, row, (6, STRIP_PX * number - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (230, 230, 230), 1, cv2.LINE_AA
        )
    return strip
