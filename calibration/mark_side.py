"""How the picture lies: the side of the probe's mark, and whether it is upside down or left-right reversed.

Upside down is said where something shows it: a fan whose narrow end is below, or a lone mark beside the lower end of a
picture that has none above. A mark at the right is said to be against the convention, not to be wrong.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibration.image_region import ImageRegion
from calibration.mark_spot import find_mark_side
from rtguide.errors import CalibrationError
from rtguide.model.calibration import Calibration, Flip
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide, RectRegion

__all__ = ["MarkSideFinder"]

LEAST_FAN = 0.75
"""Confidence of a fan from which it shows where above is."""

FAN_AHEAD = 0.1
"""So much more confident than what is found the other way up. Of eight real fans the right way up is ahead by -0.08 to
0.33; where it is less than this nothing is said."""

LOOK = "touch one edge of the probe and look which side of the picture moves"


class MarkSideFinder:
    """The picture's region with the side of the probe's mark, and how the picture is flipped where that is seen."""

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        """Find them in one or more pictures of one size, uint8 (h, w) or (h, w, 3) RGB.

        Raises
        ------
        CalibrationError
            No picture was found; a mark that is not seen is no error.
        """
        turned = [np.ascontiguousarray(frame[::-1]) for frame in frames]
        above, below = _region(frames), _region(turned)
        if _is_fan_ahead(below, above) and isinstance(below, Calibration):
            side = find_mark_side(turned, below.geometry)
            return _answer(_turned_over(below), side, "its fan opens upward", is_upside_down=True)
        if isinstance(above, CalibrationError):
            raise above
        side = find_mark_side(frames, above.geometry)
        if side is MarkSide.UNKNOWN and isinstance(below, Calibration) and not _is_fan_ahead(above, below):
            lower = find_mark_side(turned, below.geometry)
            if lower is not MarkSide.UNKNOWN:
                return _answer(above, lower, "its mark stands beside the lower end", is_upside_down=True)
        return _answer(above, side, "", is_upside_down=False)


def _region(frames: Sequence[NDArray[np.uint8]]) -> Calibration | CalibrationError:
    try:
        return ImageRegion().calibrate(frames)
    except CalibrationError as error:
        return error


def _is_fan_ahead(one: Calibration | CalibrationError, other: Calibration | CalibrationError) -> bool:
    """Whether one is a fan, clearly more than what was found the other way up."""
    if isinstance(one, CalibrationError) or not isinstance(one.geometry.region, FanRegion):
        return False
    rival = other.confidence if isinstance(other, Calibration) else 0.0
    return one.confidence >= max(LEAST_FAN, rival + FAN_AHEAD)


def _turned_over(found: Calibration) -> Calibration:
    """What was found in frames that were turned upside down, in the frames as they are: a fan becomes its box."""
    height, width = found.geometry.shape_px
    box = found.geometry.region.bounds()
    region = RectRegion(box.x, height - box.y - box.height, box.width, box.height)
    lines = tuple(tuple((x, height - y) for x, y in line) for line in found.evidence_px)
    return replace(found, geometry=ImageGeometry((height, width), region), evidence_px=lines)


def _answer(found: Calibration, side: MarkSide, why: str, *, is_upside_down: bool) -> Calibration:
    """The region with side, flip and words."""
    is_seen = side is not MarkSide.UNKNOWN
    words = f"the probe's mark is {side} of the picture" if is_seen else f"no mark of the probe is seen: {LOOK}"
    flipped = Flip.NO if is_seen else Flip.UNKNOWN
    if side is MarkSide.RIGHT:
        flipped = Flip.LEFT_RIGHT
        words += ": left and right are reversed against the convention of a mark at the left (hearts are shown so)"
    if is_upside_down:
        flipped = Flip.BOTH if side is MarkSide.RIGHT else Flip.UPSIDE_DOWN
        words = f"the picture is upside down ({why}): turn it over at the scanner or grabber; {words}"
    confidence = 0.0 if not is_seen else 0.5 if is_upside_down else 0.9
    geometry = replace(found.geometry, mark_side=side)
    return Calibration("mark_side", geometry, found.evidence_px, confidence, words, flipped=flipped)
