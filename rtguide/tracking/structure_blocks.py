"""What a structure looks like: blocks of picture on and around it, each with its place in the model.

Frames of reference: **model** (cells, as the structure lay in the picture it was marked in) and **grid** (cells of the
picture at hand), as in `rtguide.kernels.match_structure`.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels.match_structure import cut_blocks, register
from rtguide.model.structure import StructureKind
from rtguide.opencv import cv2
from rtguide.tracking.structure_slide import Strip, lay_strip

__all__ = ["Layout", "Look", "Match", "Picture", "lay_blocks"]

LEAST_BLOCK_CELLS, MOST_BLOCK_CELLS = 14, 20
"""Side of a block, even so that it halves: 3 mm at 0.15 mm a cell, some sixty speckles; less on small structures, whose
surroundings need not move with them."""

MARGIN_CELLS = 5
"""Blocks reach this far beyond the outline: its border against what lies around is its best-kept feature."""

MOST_BLOCKS = 12
"""Enough for a stretch and a rotation; the cost grows with their number."""

STIFFNESS_CELLS2 = 400.0
"""Pull of the linear part toward that of the guess, as `fit_motion` takes it: twelve blocks 6 cells apart, the least
there can be, take up half of a stretch in one picture."""

FLAT_ASPECT = 6.0
"""An outline so many times longer than thick, and thinner than a block, is a layer: it looks the same all along."""

CLEAR_RIVALRY = 0.95
"""A structure that is found as well elsewhere is not seen itself: it slides along a line, or lies in a shadow."""

RELAX = 0.98
"""Share of stretch and rotation that a guess keeps: what no block confirms fades."""

RESIDUAL_CELLS = 3.0
"""A block further off the common motion than this (0.45 mm) does not count."""


LATER_LIKENESS = 0.45
"""Likeness below which a line's strip has changed so much that a later one is cut: it soon may not be found at all."""

GRAIN_CELLS = 2.0
"""Sigma of the smoothing that is taken away to leave the grain: what is finer than one speckle is wide."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture at both sizes. cells: uint8 (h, w) · half: uint8 (h // 2, w // 2) · inside: bool (h, w)."""

    cells: NDArray[np.uint8]
    half: NDArray[np.uint8]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A look found again in a picture.

    affine: float64 (2, 3), grid from model · quality: correlation of the better two thirds of the blocks at one common
    shift · upper: upper quartile of the blocks' own correlations · rivalry: the best correlation elsewhere in the
    search as a share of the common one · share_inside: of the blocks' weight inside the image · agreement: share of the
    blocks that move together · pinned: of a layer, how alike what differs along it is; 0 where nothing tells the
    place along it, which then is the guess's.
    """

    affine: NDArray[np.float64]
    quality: float
    upper: float
    rivalry: float
    share_inside: float
    agreement: float
    pinned: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the blocks of a structure lie: middles float64 (n, 2) in model cells, size cells a side.

    is_line: it may look the same all along · has_inside: it is an area · strip: of a layer that has
    ends, points along it, as `lay_strip` makes them.
    """

    middles: NDArray[np.float64]
    size: int
    is_line: bool
    has_inside: bool
    strip: NDArray[np.float32] | None = None

    @property
    def along(self) -> NDArray[np.float64] | None:
        """The direction (2,) of a line from its first block to its last, None for what has an extent."""
        if not self.is_line:
            return None
        way = self.middles[-1] - self.middles[0]
        return np.asarray(way / max(float(np.hypot(*way)), 1e-9), np.float64)

    @property
    def clear_rivalry(self) -> float:
        """How like the best place another one may be when the match itself is beyond doubt."""
        return 1.0 if self.is_line else CLEAR_RIVALRY


@dataclass(slots=True, eq=False)
class Look:
    """Blocks cut from one picture, to be found again in others. generation: 0 for the picture it was marked in."""

    points: NDArray[np.float64]
    blocks: NDArray[np.uint8]
    blocks_half: NDArray[np.uint8]
    generation: int = 0
    along: NDArray[np.float64] | None = None
    strip: Strip | None = None
    used_at: int = 0
    _found: NDArray[np.float64] = field(init=False)
    _work: NDArray[np.float64] = field(init=False)
    _middle: NDArray[np.float64] = field(init=False)
    _later: Strip | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._found = np.zeros((len(self.points), 4))
        self._middle = self.points[:, :2].mean(axis=0)
        self._work = np.zeros((len(self.points) + 1, 32, 32))

    @classmethod
    def cut(cls, picture: Picture, model: Layout, affine: NDArray[np.float64], generation: int) -> "Look":
        """Cut the model's blocks where `affine` puts them in this picture."""
        size = model.size
        places = model.middles @ affine[:, :2].T + affine[:, 2]
        corners = np.round(places - (size - 1) / 2).astype(np.int64)
        half_corners = np.round((places - 0.5) / 2 - (size // 2 - 1) / 2).astype(np.int64)
        blocks = np.zeros((len(places), size, size), np.uint8)
        blocks_half = np.zeros((len(places), size // 2, size // 2), np.uint8)
        cut_blocks(picture.cells, corners, blocks)
        cut_blocks(picture.half, half_corners, blocks_half)
        exact = corners.astype(np.float64) + (size - 1) / 2
        points = np.empty((len(places), 3))
        points[:, :2] = np.linalg.solve(affine[:, :2], (exact - affine[:, 2]).T).T
        points[:, 2] = _weights(picture, exact, blocks)
        strip = None if model.strip is None else Strip.cut(picture.cells, picture.inside, model.strip, affine)
        return cls(points, blocks, blocks_half, generation, model.along, strip)

    def find(self, picture: Picture, guess: NDArray[np.float64], reach: int) -> Match:
        """Where it is in this picture, within `reach` half cells of the guess (2, 3)."""
        affine = guess.copy()
        affine[:, :2] += (1.0 - RELAX) * (np.eye(2) - affine[:, :2])
        affine[:, 2] += (guess[:, :2] - affine[:, :2]) @ self._middle
        settings = np.array([reach, STIFFNESS_CELLS2, RESIDUAL_CELLS])
        quality, upper, rivalry, inside, agreement = register(
            picture.cells,
            picture.half,
            self.blocks,
            self.blocks_half,
            self.points,
            picture.inside,
            settings,
            self._work,
            affine,
            self._found,
        )
        pinned = 1.0
        if self.along is not None:
            self._unstretch(affine)
        if self.strip is not None:
            pinned = self._slide(picture, affine, guess)
        return Match(affine, quality, upper, rivalry, inside, agreement, pinned)

    def take_over(self, picture: Picture, match: Match) -> None:
        """Cut a later strip of a layer where it was found, if the look's own is soon not found any more."""
        if self.strip is not None and 0.0 < match.pinned < LATER_LIKENESS:
            self._later = Strip.cut(picture.cells, picture.inside, self.strip.points, match.affine)

    def _slide(self, picture: Picture, affine: NDArray[np.float64], guess: NDArray[np.float64]) -> float:
        """Put a layer where what differs along it says, or leave it where it was along itself; how alike that is.

        Where the look's own strip is not found a later one carries on from where it was cut.
        """
        assert self.along is not None
        assert self.strip is not None
        way = affine[:, :2] @ self.along
        way = way / max(float(np.hypot(*way)), 1e-9)
        moved = (affine[:, :2] - guess[:, :2]) @ self._middle + affine[:, 2] - guess[:, 2]
        affine[:, 2] -= float(moved @ way) * way
        for strip in (self.strip, self._later):
            slid = None if strip is None else strip.slid(picture.cells, affine)
            if slid is not None:
                affine[:, 2] += slid[0] * way
                return slid[1]
        return 0.0

    def _unstretch(self, affine: NDArray[np.float64]) -> None:
        """Take away a line's stretch along itself: it cannot be seen, and a few blocks that slide would feign one."""
        assert self.along is not None
        weight = self._found[:, 2:3]
        middle = (weight * self.points[:, :2]).sum(axis=0) / max(float(weight.sum()), 1e-9)
        stretch = float(self.along @ affine[:, :2] @ self.along) - 1.0
        excess = stretch * np.outer(self.along, self.along)
        affine[:, :2] -= excess
        affine[:, 2] += excess @ middle

    def grain(self, picture: Picture) -> float:
        """How alike the grain is where `find` last put the blocks: correlation without all that is smooth.

        Dark rounds beside bright walls look alike all over a picture; their speckle does not. Mean of the better two
        thirds, 0 where no block lies inside.
        """
        size = self.blocks.shape[1]
        values = []
        for block, (x, y, weight, _) in zip(self.blocks, self._found.tolist(), strict=True):
            if weight > 0.0:
                here = _grain(np.asarray(cv2.getRectSubPix(picture.cells, (size, size), (x, y)), np.uint8))
                own = _grain(block)
                energy = float((own * own).sum() * (here * here).sum())
                values.append(float((own * here).sum()) / energy**0.5 if energy > 0.0 else 0.0)
        ranked = sorted(values)[len(values) // 3 :]
        return sum(ranked) / len(ranked) if ranked else 0.0


def _grain(block: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What is left of a block without its smooth part, and without its strength: walls count no more than speckle."""
    values = block.astype(np.float32)
    grain = np.asarray(values - cv2.GaussianBlur(values, (0, 0), GRAIN_CELLS), np.float32)
    return np.asarray(grain / (np.abs(grain) + np.median(np.abs(grain)) + 1.0), np.float32)


def _weights(picture: Picture, middles: NDArray[np.float64], blocks: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Texture decides how much a block counts; one that hangs out of the image counts for nothing."""
    rows, columns = picture.inside.shape
    reach = blocks.shape[1] * 0.35
    offsets = np.array([(0, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)]) * reach
    at = np.round(middles[:, None] + offsets).astype(int)
    is_in = (at[..., 0] >= 0) & (at[..., 0] < columns) & (at[..., 1] >= 0) & (at[..., 1] < rows)
    hit = is_in & picture.inside[np.clip(at[..., 1], 0, rows - 1), np.clip(at[..., 0], 0, columns - 1)]
    texture = blocks.reshape(len(blocks), -1).astype(np.float64).std(axis=1)
    return np.asarray(np.where(hit.sum(axis=1) >= 4, texture / (texture + 6.0), 0.0), np.float64)


def lay_blocks(outline: NDArray[np.float64], kind: StructureKind) -> Layout:
    """The blocks of a structure whose outline (m, 2) is given in cells."""
    if kind in (StructureKind.PLANE, StructureKind.LINE):
        return _along(outline)
    middle_line = _middle_line(outline) if kind is StructureKind.STRUCTURE else None
    if middle_line is not None:
        return replace(_along(middle_line), strip=lay_strip(middle_line))
    extent = np.ptp(outline, axis=0)
    wanted = MOST_BLOCK_CELLS if kind is StructureKind.POINT else float(extent.min()) + MARGIN_CELLS
    size = 2 * round(float(np.clip(wanted, LEAST_BLOCK_CELLS, MOST_BLOCK_CELLS)) / 2)
    low, high = outline.min(axis=0) - MARGIN_CELLS, outline.max(axis=0) + MARGIN_CELLS
    counts = [int(np.clip(np.ceil((high[a] - low[a]) / (0.75 * size)), 2, 5)) for a in (0, 1)]
    while counts[0] * counts[1] > MOST_BLOCKS:
        counts[int(counts[1] > counts[0])] -= 1
    axes = []
    for a in (0, 1):
        middle = (low[a] + high[a]) / 2
        spread = max((high[a] - low[a]) / 2 - size / 2, size / 4)
        axes.append(np.linspace(middle - spread, middle + spread, counts[a]))
    xs, ys = np.meshgrid(*axes)
    return Layout(
        np.column_stack([xs.ravel(), ys.ravel()]), size, is_line=False, has_inside=kind is StructureKind.STRUCTURE
    )


def _along(line: NDArray[np.float64]) -> Layout:
    """Blocks along a polyline (m, 2)."""
    size = MOST_BLOCK_CELLS
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = int(np.clip(np.ceil(along[-1] / (0.8 * size)), 2, MOST_BLOCKS))
    at = np.linspace(0.0, along[-1], count)
    middles = np.column_stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])])
    return Layout(middles, size, is_line=True, has_inside=False)


def _middle_line(outline: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The line (2, 2) in the middle of a flat outline, half a block short of its ends; None where it is not flat.

    Its direction is that of the longest way across.
    """
    apart = outline[:, None] - outline[None]
    first, second = np.unravel_index(int(np.hypot(*apart.T).argmax()), (len(outline), len(outline)))
    long = apart[first, second] / max(float(np.hypot(*apart[first, second])), 1e-9)
    along, across = outline @ long, outline @ np.array([-long[1], long[0]])
    length, thick = float(np.ptp(along)), float(np.ptp(across))
    if thick > MOST_BLOCK_CELLS or length < max(FLAT_ASPECT * thick, 2.0 * MOST_BLOCK_CELLS):
        return None
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    reach = (length - MOST_BLOCK_CELLS) / 2
    return np.array([middle - reach * long, middle + reach * long])
