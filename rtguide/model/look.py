"""What a scanner's screen looks like where it does not change: pixels of its ruler and print, lit or dark."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import GeometryError

__all__ = ["LookGroup", "LookMatcher", "ScreenLook"]

Pixels = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class LookGroup:
    """Pixels that belong together: a ruler's ticks and the gaps between them, or one printed sign.

    lit_px, dark_px: (x, y) of pixels that are brighter or darker than `level`.
    """

    level: int
    lit_px: Pixels
    dark_px: Pixels

    def __post_init__(self) -> None:
        if not self.lit_px or not self.dark_px or not 0 < self.level < 256:
            raise GeometryError("a screen is known by pixels that are lit and others that are dark, and a grey between")


@dataclass(frozen=True, slots=True)
class ScreenLook:
    """A screen's look. shape_px: (height, width) of the frame · ticks: its ruler · print: signs beside the ruler and of
    the printed depth, empty where there are none.
    """

    shape_px: tuple[int, int]
    ticks: LookGroup
    print: tuple[LookGroup, ...] = ()

    def __post_init__(self) -> None:
        height, width = self.shape_px
        for group in (self.ticks, *self.print):
            points = np.array((*group.lit_px, *group.dark_px))
            if points.min() < 0 or points[:, 0].max() >= width or points[:, 1].max() >= height:
                raise GeometryError(f"a pixel of the screen's look lies outside its {width}×{height} pixels")


class LookMatcher:
    """Compares frames with a look; some ten microseconds a frame."""

    def __init__(self, look: ScreenLook) -> None:
        self.look = look
        groups = (look.ticks, *look.print)
        points = np.array([point for group in groups for point in (*group.lit_px, *group.dark_px)])
        self._columns, self._rows = points[:, 0], points[:, 1]
        self._levels = np.concatenate(
            [np.full(len(group.lit_px) + len(group.dark_px), group.level, np.uint8) for group in groups]
        )
        self._is_lit = np.concatenate(
            [np.repeat([True, False], [len(group.lit_px), len(group.dark_px)]) for group in groups]
        )
        parts = [(len(group.lit_px), len(group.dark_px)) for group in groups]
        self._starts = np.concatenate([[0], np.cumsum(parts)[:-1]])
        self._sizes = np.array(parts).ravel()

    def shares(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """For each group, ticks first, the lower of the shares of lit and of dark pixels that are as they were.

        pixels: uint8 (h, w) or (h, w, 3) of the look's size. float64 (1 + signs,).
        """
        values = pixels[self._rows, self._columns]
        if values.ndim == 2:
            values = values.max(axis=1)
        agrees = (values > self._levels) == self._is_lit
        shares = np.add.reduceat(agrees.astype(np.float64), self._starts) / self._sizes
        return np.asarray(shares.reshape(-1, 2).min(axis=1), np.float64)

    def is_same(self, pixels: NDArray[np.uint8], least: float) -> bool:
        """Whether every group agrees by at least this share; never for a frame of another size."""
        return pixels.shape[:2] == self.look.shape_px and bool((self.shares(pixels) >= least).all())
