"""What `rtguide calibrate` does: reads a few frames, asks a method, draws its evidence, stores a profile."""

import textwrap
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.plugins import calibration_method, open_source
from rtguide.clock import SystemClock
from rtguide.errors import CalibrationError, RecordingError
from rtguide.model.calibration import Calibration, RulerReading
from rtguide.model.geometry import ImageGeometry, Provenance
from rtguide.opencv import cv2
from rtguide.pipeline.offline import FrameSpan, frames_of
from rtguide.recording.values_json import to_json

__all__ = ["Outcome", "calibrate", "with_tick"]

FRAMES_LOOKED_AT = 8

MOST_APART = 0.02
"""Greatest difference of a user's scale from a source's own."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a method found. given: what the source itself says of its picture · frame: the first one that was looked
    at · warning: why source and screen disagree, None where they do not.
    """

    found: Calibration
    given: ImageGeometry | None
    frame: NDArray[np.uint8]
    warning: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Everything but the picture."""
        look = self.found.look
        found = to_json(replace(self.found, look=None))
        del found["look"]
        return {
            **found,
            "mm_per_px": None if self.found.geometry.spacing_mm is None else list(self.found.geometry.spacing_mm),
            "is_known_again_by_print": look is not None and bool(look.print),
            "given": None if self.given is None else to_json(self.given),
            "warning": self.warning,
        }

    def write_picture(self, path: Path) -> None:
        """The frame with the evidence drawn over it, as PNG or JPEG.

        Raises
        ------
        RecordingError
            It cannot be written.
        """
        grey = self.frame if self.frame.ndim == 3 else np.dstack([self.frame] * 3)
        canvas = np.ascontiguousarray(grey[..., ::-1])
        width = max(1, round(canvas.shape[0] / 700))
        for line in self.found.evidence_px:
            points = np.round(np.array(line) * 16).astype(np.int32)
            closed = len(line) > 4
            cv2.polylines(canvas, [points], closed, (80, 220, 80), width, cv2.LINE_AA, 4)
        note = self.found.note.replace("±", "+-").encode("ascii", "replace").decode()
        size = max(0.35, canvas.shape[1] / 2400)
        rows = textwrap.wrap(note, 100)
        for row, text in enumerate(rows):
            at = (10, canvas.shape[0] - round((12 + 26 * (len(rows) - 1 - row)) * size * 1.4))
            for colour, thick in (((0, 0, 0), 4 * width), ((80, 220, 80), width)):
                cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() not in (".png", ".jpg", ".jpeg") or not cv2.imwrite(str(path), canvas):
            raise RecordingError(
                f"{path}: cannot be written; give a name that ends with .png or .jpg in a folder of yours"
            )


def calibrate(method: str, source: str) -> Outcome:
    """Ask a method about the first frames of a source.

    Raises
    ------
    CalibrationError
        It cannot be told; the message says what was missing.
    """
    with closing(open_source(source, SystemClock(), is_paced=False)) as opened:
        seen = list(frames_of(opened, FrameSpan(0, FRAMES_LOOKED_AT - 1)))
        frames = [frame.pixels for frame in seen]
        engine = calibration_method(method)
        found = engine.calibrate(frames)
        given = opened.geometry
        if given is None and (told := seen[0].spacing_mm) is not None:
            given = replace(found.geometry, spacing_mm=told, provenance=Provenance.DEVICE)
        check = getattr(engine, "disagreement", None)
        warning = None if check is None or given is None else check(frames, given)
        return Outcome(found, given, frames[0], warning)


def with_tick(outcome: Outcome, tick_mm: float) -> Outcome:
    """The same with what the user says that a tick stands for.

    Raises
    ------
    CalibrationError
        No ruler was found, or the screen says something else.
    """
    found = outcome.found
    if found.ruler is None:
        raise CalibrationError("no ruler was found: there is no tick to say something about")
    if found.ruler.tick_mm is not None and abs(found.ruler.tick_mm / tick_mm - 1) > 0.01:
        raise CalibrationError(
            f"the screen says that a tick is {found.ruler.tick_mm:g} mm, not {tick_mm:g} mm: {found.note}"
        )
    ruler = RulerReading(found.ruler.pitch_px, found.ruler.sigma_px, tick_mm)
    scale = tick_mm / ruler.pitch_px
    known = None if outcome.given is None or not outcome.given.is_verified else outcome.given.spacing_mm
    if known is not None and abs(known[1] / scale - 1) > MOST_APART:
        raise CalibrationError(
            f"the source says {known[1]:.5f} mm/px, by which a tick is {known[1] * ruler.pitch_px:.2f} mm, "
            f"not {tick_mm:g} mm: check what a tick stands for"
        )
    geometry = replace(found.geometry, spacing_mm=(scale, scale), provenance=Provenance.USER)
    note = f"ticks every {ruler.pitch_px:.2f} px = {tick_mm:g} mm on the user's word: {scale:.5f} mm/px"
    return replace(outcome, found=replace(found, geometry=geometry, ruler=ruler, note=note, confidence=1.0))
