"""The curves of a lag measurement as one picture: both motions before and after the shift, and how well they agree."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError, RecordingError
from rtguide.model.tracked_calibration import TrackedCalibration
from rtguide.opencv import cv2

__all__ = ["write_lag_plot"]

WIDTH_PX, PANEL_PX, RIM_PX = 1200, 300, 46
PAPER, INK, FIRST, SECOND = (255, 255, 255), (60, 60, 60), (170, 90, 20), (40, 110, 220)

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def write_lag_plot(found: TrackedCalibration, path: Path) -> None:
    """Write it as PNG.

    Raises
    ------
    ConfigError
        It holds no curves of a lag.
    RecordingError
        The file cannot be written.
    """
    if not {"image_px", "probe_mm", "probe_mm_shifted", "correlation"} <= set(found.curves):
        raise ConfigError(f"{found.method}: has no curves of a lag to plot")
    image, probe, shifted = (_normed(found.curves[name]) for name in ("image_px", "probe_mm", "probe_mm_shifted"))
    lag_s, span = found.figures["lag_s"], (float(image[0].min()), float(image[0].max()))
    panels = [
        _panel("as recorded: line in the picture (blue), probe (orange); seconds", [image, probe], span),
        _panel(f"probe shifted by {-lag_s * 1000:+.0f} ms", [image, shifted], span),
        _panel(found.note.encode("ascii", "replace").decode() + ": correlation over the shift, s",
               [found.curves["correlation"]], None, lag_s),
    ]  # fmt: skip
    if path.suffix.lower() != ".png" or not path.parent.is_dir() or not cv2.imwrite(str(path), np.vstack(panels)):
        raise RecordingError(f"{path}: cannot be written; give a name that ends with .png in a folder of yours")


def _normed(curve: Curve) -> Curve:
    """The same with heights of mean 0 and spread 1: pixels and millimetres on one scale."""
    times, heights = curve
    return times, (heights - heights.mean()) / max(float(heights.std()), 1e-9)


def _panel(
    title: str, curves: list[Curve], span: tuple[float, float] | None, mark: float | None = None
) -> NDArray[np.uint8]:
    """One plot, uint8 (PANEL_PX, WIDTH_PX, 3) BGR."""
    canvas = np.full((PANEL_PX, WIDTH_PX, 3), PAPER, np.uint8)
    x0, x1 = span or (float(curves[0][0].min()), float(curves[0][0].max()))
    heights = np.concatenate([y[(x >= x0) & (x <= x1)] for x, y in curves])
    y0, y1 = float(heights.min()), float(heights.max())
    right, bottom = WIDTH_PX - RIM_PX, PANEL_PX - RIM_PX
    cv2.rectangle(canvas, (RIM_PX, RIM_PX), (right, bottom), INK, 1)
    cv2.putText(canvas, title, (RIM_PX, RIM_PX - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.55, INK, 1, cv2.LINE_AA)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = round(RIM_PX + share * (right - RIM_PX))
        cv2.line(canvas, (at, bottom), (at, bottom + 5), INK, 1)
        label = f"{x0 + share * (x1 - x0):.2f}"
        cv2.putText(canvas, label, (at - 20, bottom + 22), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
    for (x, y), colour in zip(curves, (FIRST, SECOND), strict=False):
        keep = (x >= x0) & (x <= x1)
        across = RIM_PX + (x[keep] - x0) / max(x1 - x0, 1e-9) * (right - RIM_PX)
        down = bottom - (y[keep] - y0) / max(y1 - y0, 1e-9) * (bottom - RIM_PX)
        points = np.round(np.column_stack([across, down])).astype(np.int32)
        cv2.polylines(canvas, [points], False, colour, 2, cv2.LINE_AA)
    if mark is not None:
        at = round(RIM_PX + (mark - x0) / max(x1 - x0, 1e-9) * (right - RIM_PX))
        cv2.line(canvas, (at, RIM_PX), (at, bottom), SECOND, 1)
    return canvas
