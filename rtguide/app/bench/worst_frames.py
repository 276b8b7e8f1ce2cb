"""The frames in which a tracker was furthest off, or saw nothing for longest, as pictures with truth and answer."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.app.bench.run_cases import Judged
from rtguide.app.plugins import calibration_method, open_source
from rtguide.clock import ManualClock
from rtguide.errors import CalibrationError, DeviceError
from rtguide.model.geometry import ImageGeometry
from rtguide.opencv import cv2
from rtguide.pipeline.offline import FrameSpan, frames_of
from rtguide.training.case import CaseTruth
from rtguide.training.score import LIMIT_MM, scored_frames, tip_errors_mm

__all__ = ["BadFrame", "picture", "worst_frames"]

TRUTH, ANSWER = (60, 230, 90), (255, 90, 200)
"""RGB of what is true and of what was said; the page's legend names them."""

_PER_CASE = 2
_APART_S = 1.0
"""Two frames of one case are this far apart: neighbours show the same fault."""
_WIDTH_PX = 520
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A frame to look at. row: of the case's truth · what: why it is shown · badness: mm off; negative for a miss."""

    case: int
    row: int
    what: str
    badness: float


def worst_frames(judged: Sequence[Judged], count: int) -> list[BadFrame]:
    """Tips shown more than 2 mm off first, the furthest first; then the longest stretches with a tip not found."""
    found: list[BadFrame] = []
    for index, one in enumerate(judged):
        found += _apart(_wrong(index, one), _APART_S * one.case.rate_hz)[:_PER_CASE]
        found += _missed(index, one)[:1]
    return sorted(found, key=lambda bad: -bad.badness)[:count]


def picture(one: Judged, bad: BadFrame) -> str:
    """The picture around the ultrasound region as a `data:` address of a JPEG.

    Raises
    ------
    DeviceError
        The video does not have that frame.
    """
    frame_number = int(one.case.truth.frame[bad.row])
    source = open_source(str(one.case.video), ManualClock(), is_paced=False)
    try:
        frame = next(frames_of(source, FrameSpan(frame_number, frame_number)), None)
    finally:
        source.close()
    if frame is None:
        raise DeviceError(f"{one.case.video} has no frame {frame_number}; render or copy the case again")
    pixels = frame.pixels if frame.pixels.ndim == 3 else np.repeat(frame.pixels[..., None], 3, axis=2)
    x0, y0, x1, y1 = _bounds(frame.pixels)
    scale = _WIDTH_PX / (x1 - x0)
    canvas = np.ascontiguousarray(cv2.resize(pixels[y0:y1, x0:x1], None, fx=scale, fy=scale), np.uint8)
    _draw(canvas, one, bad.row, (x0, y0, scale))
    _, coded = cv2.imencode(".jpg", canvas[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(coded.tobytes()).decode("ascii")


def _wrong(index: int, one: Judged) -> list[BadFrame]:
    error = tip_errors_mm(one.case, one.answers)
    free = ~one.case.truth.has_needle & one.answers.is_shown
    judged = scored_frames(one.case) | _hidden(one.case.truth)
    rows = np.flatnonzero(judged & (np.nan_to_num(error) > LIMIT_MM))
    bad = [BadFrame(index, int(row), f"tip {error[row]:.1f} mm off", float(error[row])) for row in rows]
    bad += [BadFrame(index, int(row), "a tip where no needle is", 99.0) for row in np.flatnonzero(free)]
    return sorted(bad, key=lambda frame: -frame.badness)


def _missed(index: int, one: Judged) -> list[BadFrame]:
    """The middle of the longest stretch of scored frames without a seen tip."""
    missed = scored_frames(one.case) & ~one.answers.is_seen
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missed.astype(np.int8), [0]])))
    runs = sorted(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[0] - run[1])
    seconds = [(end - first) / one.case.rate_hz for first, end in runs]
    return [
        BadFrame(index, int(first + end) // 2, f"not seen for {length:.1f} s", -1 / length)
        for (first, end), length in zip(runs, seconds, strict=True)
    ]


def _apart(frames: list[BadFrame], rows: float) -> list[BadFrame]:
    kept: list[BadFrame] = []
    for frame in frames:
        if all(abs(frame.row - other.row) >= rows for other in kept):
            kept.append(frame)
    return kept


def _hidden(truth: CaseTruth) -> NDArray[np.bool_]:
    hidden: NDArray[np.bool_] = truth.has_needle & (truth.tip_visible == 0)
    return hidden


def _bounds(pixels: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of the ultrasound region; of the whole frame where it is not found."""
    try:
        return calibration_method("image_region").calibrate([pixels]).geometry.bounds_px()
    except CalibrationError:
        return ImageGeometry.whole_frame((pixels.shape[0], pixels.shape[1])).bounds_px()


def _draw(canvas: NDArray[np.uint8], one: Judged, row: int, view: tuple[int, int, float]) -> None:
    """Truth as a dashed line beside the shaft's with a cross at the tip; the answer as a line with its sigma circle."""
    truth, answers = one.case.truth, one.answers
    x0, y0, scale = view

    def at(point: NDArray[np.float64]) -> tuple[int, int]:
        return round((point[0] - x0) * scale), round((point[1] - y0) * scale)

    if truth.has_needle[row] and np.isfinite(truth.tip_px[row, 0]):
        if np.isfinite(truth.entry_px[row, 0]):
            steps = np.linspace(0, 1, 24)[:, None] * (truth.tip_px[row] - truth.entry_px[row]) + truth.entry_px[row]
            for start, stop in zip(steps[::2], steps[1::2], strict=True):
                cv2.line(canvas, at(start), at(stop), TRUTH, 1, cv2.LINE_AA)
        mark = cv2.MARKER_CROSS if truth.tip_visible[row] == 1 else cv2.MARKER_SQUARE
        cv2.drawMarker(canvas, at(truth.tip_px[row]), TRUTH, mark, 16, 1)
    if answers.is_shown[row]:
        tip = answers.tip_px[row]
        if np.isfinite(answers.entry_px[row, 0]):
            cv2.line(canvas, at(answers.entry_px[row]), at(tip), ANSWER, 1, cv2.LINE_AA)
        sigma = answers.sigma_px[row]
        cv2.circle(canvas, at(tip), max(3, round(sigma * scale) if np.isfinite(sigma) else 3), ANSWER, 1, cv2.LINE_AA)
        cv2.circle(canvas, at(tip), 2, ANSWER, -1)
