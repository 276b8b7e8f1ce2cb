"""Gain that is too high, as a cause of failures: where echoes are saturated, their middles are anybody's guess."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import RectRegion

__all__ = ["gain_too_high", "saturated_share"]

FULL_GREY = 250
LEAST_FULL_GREY = 230
"""Video of limited range ends at 235: a picture's own brightest grey counts as full from here on."""

MOST_PICTURES = 24


def saturated_share(grey: NDArray[np.uint8], box: RectRegion) -> float:
    """Share of the pixels inside the box, uint8 (h, w), that are as bright as they can be; 0 for an empty box."""
    x0, y0 = max(0, round(box.x)), max(0, round(box.y))
    part = grey[y0 : round(box.y + box.height), x0 : round(box.x + box.width)]
    top = int(part.max(initial=0))
    return float((part >= min(FULL_GREY, top - 2)).mean()) if top >= LEAST_FULL_GREY else 0.0


def gain_too_high(pictures: Sequence[NDArray[np.uint8]], box: RectRegion, most: float) -> str | None:
    """Cause and mend where more than so large a share of the box is saturated in half of the pictures; else None.

    pictures: uint8 (h, w) or (h, w, 3); at most 24 of them are looked at.
    """
    some = pictures[:: max(1, -(-len(pictures) // MOST_PICTURES))]
    greys = (picture if picture.ndim == 2 else picture.max(axis=2) for picture in some)
    shares = [saturated_share(grey, box) for grey in greys]
    share = float(np.median(shares)) if shares else 0.0
    if share <= most:
        return None
    return f"gain too high: {share:.0%} of the picture is saturated, {most:.0%} are the most: turn the gain down"
