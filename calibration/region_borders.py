"""Borders of a picture of any shape at full resolution, from the share of lit pixels along each line or arc."""

import math

import numpy as np
from numpy.typing import NDArray

from calibration.region_sides import SideLine, fit_line
from rtguide.errors import GeometryError
from rtguide.model.geometry import FanRegion, RectRegion, Region, SlantRegion
from rtguide.model.points import Points, as_points
from rtguide.opencv import cv2

__all__ = ["fit_fan", "fit_rectangle", "region_outline"]

CLIP_PX = 6.0
"""A fan is called cut off where its arc would pass the last lit row or column by more than this."""

EDGE_SHARE = 1 / 3
"""A border lies where the share of lit pixels falls below this part of its level just inside: dark tissue at the
border leaves some of it lit, text and ticks outside do not reach it."""


FADE_SHARE = 0.12
"""... and never below this part of the level of the whole: where contact is lost a picture fades out, and a ruler may
stand in what is left."""


WIDEST_GAP_PX = 3
"""Rows or columns without light that a border is followed across."""

THINNEST_SHARE = 0.02
"""Share of the picture's width or height that a strip behind such a gap has at least to belong to it."""

REFINE_SHARES = (0.02, 0.0083)
"""How far from a fan's coarse side its border is looked for, of the frame's longer side: first wide, then narrow."""

BESIDE_PX = 30
"""How far beside a picture a line is looked for that the screen draws along its upper border."""

THICKEST_TEXT, TEXT_SHARE = 0.08, 0.5
"""A strip behind a gap that is thinner than this is text where it is lit less than half as much as the picture."""

FADED_GREY = 12
"""A column whose median is no brighter is black to the eye."""

TICK_GREY = 180
"""Ruler ticks and their figures are brighter than this."""

WIDEST_MARGIN = 0.15
"""Share of the width beyond which a dark margin is a shadow in the picture and no margin."""


def fit_rectangle(lit: NDArray[np.uint8], hull_px: NDArray[np.float64], reach_px: int) -> RectRegion:
    """The upright rectangle near the hull's box.

    lit: uint8 (h, w), 0 or 1 · hull_px: (n, 2) · reach_px: how far outside the hull a border may lie. The rectangle
    starts at its first lit pixel and is as wide as its lit pixels are many.
    """
    height, width = lit.shape
    (hx0, hy0), (hx1, hy1) = np.floor(hull_px.min(axis=0)), np.ceil(hull_px.max(axis=0))
    low = [max(0, int(hx0)), max(0, int(hy0))]
    high = [min(width - 1, int(hx1)), min(height - 1, int(hy1))]
    for _ in range(2):
        for axis in (0, 1):
            across = slice(low[1 - axis], high[1 - axis] + 1)
            share = np.asarray((lit[across] if axis == 0 else lit[:, across]).mean(axis=axis), np.float64)
            high[axis] = _last_lit(share, low[axis], high[axis], reach_px)
            size = share.size
            low[axis] = size - 1 - _last_lit(share[::-1], size - 1 - high[axis], size - 1 - low[axis], reach_px)
    return RectRegion(float(low[0]), float(low[1]), float(high[0] - low[0] + 1), float(high[1] - low[1] + 1))


def _last_lit(share: NDArray[np.float64], start: int, stop: int, reach: int) -> int:
    """The last index, up to `reach` beyond `stop`, at which `share` still has a third of its level inside.

    What lies behind a gap and is thin is the screen's own: a line, a row of buttons.
    """
    margin = max(2, (stop - start) // 10)
    level = float(np.median(share[max(start, stop - margin) : stop + 1]))
    middle = (start + stop) // 2
    floor = FADE_SHARE * float(np.median(share[start : stop + 1]))
    on = np.nonzero(share[middle : stop + reach + 1] >= max(level * EDGE_SHARE, floor))[0]
    if on.size == 0:
        return stop
    breaks = np.nonzero(np.diff(on) > WIDEST_GAP_PX)[0]
    firsts, lasts = np.concatenate([[on[0]], on[breaks + 1]]), np.concatenate([on[breaks], [on[-1]]])
    is_thick = lasts - firsts >= THINNEST_SHARE * (stop - start)
    # a line of text is as thick as a near field, but it does not reach across
    whole = TEXT_SHARE * float(np.percentile(share[start : stop + 1], 90))
    is_text = lasts - firsts < THICKEST_TEXT * (stop - start)
    reach_across = np.array(
        [share[middle + a : middle + b + 1].mean() >= whole for a, b in zip(firsts, lasts, strict=True)]
    )
    is_thick &= ~is_text | reach_across
    return middle + int(lasts[is_thick][-1] if is_thick.any() else lasts[0])


def cut_faded_margin(grey: NDArray[np.uint8], rect: RectRegion) -> RectRegion:
    """The rectangle without a margin at the frame's left or right rim that has faded to black and holds a ruler.

    grey: uint8 (h, w). Without bright ticks in it a dark margin is dark tissue and stays.
    """
    height, width = grey.shape
    x0, x1 = int(rect.x), min(width, math.ceil(rect.x + rect.width))
    block = grey[int(rect.y) : min(height, math.ceil(rect.y + rect.height)), x0:x1]
    is_faded = np.median(block, axis=0) <= FADED_GREY
    widest = int(WIDEST_MARGIN * block.shape[1])

    def margin(columns: slice) -> int:
        lit_columns = np.nonzero(~is_faded[columns])[0]
        count = int(lit_columns[0]) if lit_columns.size else 0
        return count if 0 < count <= widest and _has_ticks(block[:, columns][:, :count]) else 0

    left = margin(slice(None)) if x0 == 0 else 0
    right = margin(slice(None, None, -1)) if x1 == width else 0
    return RectRegion(rect.x + left, rect.y, rect.width - left - right, rect.height)


def _has_ticks(strip: NDArray[np.uint8]) -> bool:
    """Whether bright spots stand in the dark strip over most of its height, as a ruler's do."""
    tenths = np.array_split(strip, 10, axis=0)
    return sum(bool((part >= TICK_GREY).any()) for part in tenths) >= 5


def fit_fan(lit: NDArray[np.uint8], left: SideLine, right: SideLine) -> FanRegion | None:
    """The fan whose sides lie near the two given lines; None where they do not meet above the picture."""
    for share in REFINE_SHARES:
        left, right = _refine(lit, left, -1, share), _refine(lit, right, +1, share)
    if right.slope - left.slope < 1e-3:
        return None
    apex_y = (left.at_zero_px - right.at_zero_px) / (right.slope - left.slope)
    apex = (left.at_zero_px + left.slope * apex_y, apex_y)
    start, stop = left.tilt_rad(), right.tilt_rad()
    radii = _radii(lit, apex, (start, stop))
    if radii is None:
        return None
    inner, outer = radii
    height, width = lit.shape
    fan = FanRegion(apex, inner, outer, start, stop, RectRegion(0.0, 0.0, float(width), float(height)))
    return FanRegion(apex, inner, outer, start, stop, _clip(lit, fan))


def _refine(lit: NDArray[np.uint8], line: SideLine, facing: int, share: float) -> SideLine:
    """The side again, from the outermost lit pixel of each row within a few pixels of it."""
    height, width = lit.shape
    reach = max(6, round(share * max(height, width)))
    trim = 0.04 * (line.y1_px - line.y0_px)
    ys = np.arange(max(0, math.ceil(line.y0_px + trim)), min(height - 1, math.floor(line.y1_px - trim)) + 1)
    if ys.size < 8:
        return line
    base = np.round(line.x_px(ys.astype(np.float64))).astype(int)
    steps = np.arange(-reach, reach + 1)
    xs = base[:, None] + facing * steps[None, :]
    inside = (xs >= 0) & (xs < width)
    hit = np.where(inside, lit[ys[:, None], np.clip(xs, 0, width - 1)], 0).astype(bool)
    # lit where two of three neighbours along the row are
    solid = hit & (np.roll(hit, 1, axis=1) | np.roll(hit, 2, axis=1))
    solid[:, :2] = False
    has = solid.any(axis=1) & inside.all(axis=1)
    if has.sum() < 8:
        return line
    last = reach * 2 - np.argmax(solid[:, ::-1], axis=1)
    edge = (base + facing * (last - reach + 0.5)).astype(np.float64)
    a, b = fit_line(ys[has].astype(np.float64), edge[has], 1.0)
    return SideLine(a, b, line.y0_px, line.y1_px)


def _radii(
    lit: NDArray[np.uint8], apex: tuple[float, float], angles_rad: tuple[float, float]
) -> tuple[float, float] | None:
    """Radii of the first and last arc that are lit, from a polar look at the picture."""
    height, width = lit.shape
    span = angles_rad[1] - angles_rad[0]
    angle = np.linspace(angles_rad[0] + 0.03 * span, angles_rad[1] - 0.03 * span, 181)
    corners = [(0, 0), (width, 0), (0, height), (width, height)]
    furthest = max(math.hypot(x - apex[0], y - apex[1]) for x, y in corners)
    nearest = max(0.0, -apex[1] / max(math.cos(angles_rad[0]), math.cos(angles_rad[1]), 0.2)) if apex[1] < 0 else 0.0
    radius = np.arange(math.floor(nearest), math.ceil(furthest))
    x = np.round(apex[0] + radius[None, :] * np.sin(angle)[:, None]).astype(np.int32)
    y = np.round(apex[1] + radius[None, :] * np.cos(angle)[:, None]).astype(np.int32)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    polar = np.where(inside, lit[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0)
    seen = inside.sum(axis=0)
    share = np.where(seen > 10, polar.sum(axis=0) / np.maximum(seen, 1), 0.0)
    run = _longest_run(share > 0.05, gap=max(4, height // 60))
    if run is None:
        return None
    first, last = run
    inner = _outermost(radius, polar, inside, (first, last), is_far=False)
    outer = _outermost(radius, polar, inside, (first, last), is_far=True)
    return (inner, outer) if 0 <= inner < outer else None


def _longest_run(is_on: NDArray[np.bool_], gap: int) -> tuple[int, int] | None:
    """First and last index of the longest run of True, in which up to `gap` False in a row are passed over."""
    on = np.nonzero(is_on)[0]
    if on.size == 0:
        return None
    breaks = np.nonzero(np.diff(on) > gap)[0]
    firsts = np.concatenate([[on[0]], on[breaks + 1]])
    lasts = np.concatenate([on[breaks], [on[-1]]])
    best = int((lasts - firsts).argmax())
    return int(firsts[best]), int(lasts[best])


def _outermost(
    radius: NDArray[np.int_],
    polar: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    run: tuple[int, int],
    *,
    is_far: bool,
) -> float:
    """Radius at which most beams begin (or end) within the run; beams cut by the frame's rim do not count."""
    first, last = run
    block = polar[:, first : last + 1].astype(bool)
    if is_far:
        at = last - np.argmax(block[:, ::-1], axis=1)
        edge_ok = inside[np.arange(polar.shape[0]), np.minimum(at + 3, polar.shape[1] - 1)]
    else:
        at = first + np.argmax(block, axis=1)
        edge_ok = inside[np.arange(polar.shape[0]), np.maximum(at - 3, 0)]
    at = at[block.any(axis=1) & edge_ok]
    if at.size < 12:
        return float(radius[last if is_far else first])
    counts = np.bincount(at, minlength=radius.size).astype(np.float64)
    window = np.convolve(counts, np.ones(3), mode="same")
    strong = np.nonzero(window >= min(max(6.0, 0.5 * window.max()), window.max()))[0]
    groups = np.split(strong, np.nonzero(np.diff(strong) > 2)[0] + 1)
    # a far arc of another centre is met in its middle; a near one that is flat is cut by the clip
    first_in, last_in = (int(groups[-1][0]), int(groups[-1][-1])) if is_far else (int(strong[0]),) * 2
    middle = float(np.mean(at[(at >= first_in - 2) & (at <= last_in + 2)]))
    return float(radius[0]) + middle + (0.5 if is_far else -0.5)


def _clip(lit: NDArray[np.uint8], fan: FanRegion) -> RectRegion:
    """The rectangle that cuts the fan: where its own extent passes the last lit rows or columns, else the frame."""
    height, width = lit.shape
    whole = fan.bounds()
    x0, y0 = max(0, math.floor(whole.x)), max(0, math.floor(whole.y))
    x1, y1 = min(width, math.ceil(whole.x + whole.width) + 1), min(height, math.ceil(whole.y + whole.height) + 1)
    ys, xs = np.mgrid[y0:y1:4, x0:x1:4]
    points = np.column_stack([xs.ravel(), ys.ravel()]).astype(np.float64)
    inside = fan.contains(points).reshape(ys.shape)
    block = (lit[y0:y1:4, x0:x1:4] > 0) & inside
    columns, rows = block.sum(axis=0), block.sum(axis=1)
    column_room, row_room = inside.sum(axis=0), inside.sum(axis=1)
    edges = [0.0, 0.0, float(width), float(height)]
    for axis, (count, room) in enumerate(((columns, column_room), (rows, row_room))):
        on = np.nonzero((count > 0.1 * np.maximum(room, 1)) & (count >= 1))[0]
        if on.size == 0:
            raise GeometryError("nothing is lit inside the fan")
        first = (x0, y0)[axis] + 4 * int(on[0])
        last = (x0, y0)[axis] + 4 * int(on[-1]) + 3
        begin = (whole.x, whole.y)[axis]
        end = begin + (whole.width, whole.height)[axis]
        if first - begin > CLIP_PX:
            edges[axis] = float(first if axis == 0 else _first_row(lit, fan, first))
        if end - last > CLIP_PX:
            edges[axis + 2] = float(last + 1)
    return RectRegion(edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1])


def _first_row(lit: NDArray[np.uint8], fan: FanRegion, coarse: int) -> int:
    """The first row of a picture that is cut above, to the pixel; a line that runs on beside it is the screen's."""
    height, width = lit.shape
    rows = np.arange(max(0, coarse - 4), min(height, coarse + 24))
    ys, xs = np.meshgrid(rows, np.arange(width), indexing="ij")
    points = np.column_stack([xs.ravel(), ys.ravel()]).astype(np.float64)
    inside = fan.contains(points).reshape(ys.shape)
    block = lit[rows] > 0
    near = np.asarray(cv2.dilate(inside.astype(np.uint8), np.ones((1, 2 * BESIDE_PX + 1), np.uint8)), bool) & ~inside
    share = (block & inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    beside = (block & near).sum(axis=1) / np.maximum(near.sum(axis=1), 1)
    is_picture = (share >= EDGE_SHARE * float(np.median(share[-12:]))) & (beside < 0.5)
    dark = np.nonzero(~is_picture[:16])[0]
    return int(rows[dark[-1] + 1]) if dark.size else coarse


def region_outline(region: Region) -> Points:
    """The region's border as a closed polyline in image pixels, cut at its clip."""
    if isinstance(region, RectRegion):
        x1, y1 = region.x + region.width - 1, region.y + region.height - 1
        return ((region.x, region.y), (x1, region.y), (x1, y1), (region.x, y1))
    if isinstance(region, SlantRegion):
        x1, y1 = region.x + region.width - 1, region.y + region.height - 1
        aside = (region.height - 1) * math.tan(region.slant_rad)
        return ((region.x, region.y), (x1, region.y), (x1 + aside, y1), (region.x + aside, y1))
    angle = np.linspace(region.start_rad, region.stop_rad, 65)
    near = np.column_stack(
        [region.apex_px[0] + region.inner_px * np.sin(angle), region.apex_px[1] + region.inner_px * np.cos(angle)]
    )
    far = np.column_stack(
        [region.apex_px[0] + region.outer_px * np.sin(angle), region.apex_px[1] + region.outer_px * np.cos(angle)]
    )
    side = np.linspace(0.0, 1.0, 33)[1:-1, None]
    points = np.vstack([near, near[-1] + side * (far[-1] - near[-1]), far[::-1], far[0] + side * (near[0] - far[0])])
    clip = region.clip
    points[:, 0] = np.clip(points[:, 0], clip.x, clip.x + clip.width - 1)
    points[:, 1] = np.clip(points[:, 1], clip.y, clip.y + clip.height - 1)
    return as_points(points)
