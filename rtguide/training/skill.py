"""Figures of skill from one attempt. Every figure says how it is meant, how sure it is, and when it came about.

Motion along the shaft is taken in the tissue: a probe that slides moves needle and nerve alike. It is counted by an
anchor that follows once the tip has moved half a millimetre away from it, so that a tip that trembles by what it is
measured to travels nowhere; a reversal is known to within that much.

What each figure means stands in `rubrics/standard.toml`. Whether they tell skill in patients has not been shown.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.training.attempt import Attempt, Bools, Floats

__all__ = ["Bound", "Figure", "Skill", "Span", "skill_of"]

ANCHOR_MM = 0.5
"""Motion along the shaft below this is taken for the tracker's own."""

NEAR_TARGET_MM = 2.0
"""A tip so near to the target's outline has reached it."""

REFOUND_MM = 3.0
"""A tracker takes a needle for one once it has moved through so much: a person may have seen it before."""

GONE_S, RESEEN_S = 0.3, 0.25
"""A tip unseen for so long has disappeared; seen again within so little it was never away."""

SIGHT_S = 0.25
"""A tip that is seen for less than this is not counted as seen."""

WITHDRAWN_MM, TURNED_RAD, ADVANCED_MM = 5.0, math.radians(5.0), 3.0
"""A needle drawn back by so much, and advanced again at an angle so much away, has been redirected; the angle is that
of after so much of the new advance."""

SURELY_GONE_S = 1.0
"""A tip unseen for less than this may have been lost by the tracker alone: the count is sure to within such gaps."""

SWING_MM = 1.5
"""Back and forth by more than this counts as a swing."""

ENTRY_S = 1.0
"""The angle of entry is that of the first second in which the shaft is seen in each pass."""

SPREAD_S = 1.0
"""The share of the target that fluid lies beside is the median over so long: one look may be off."""

TOGETHER_S = 0.5
"""Moves no farther apart are one moment to look at."""

Span = tuple[float, float]


class Bound(StrEnum):
    """The true figure lies on this side of the value."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an attempt.

    value: None where it could not be measured · error: by which the value may be off, half-width, None where unknown ·
    note: what has to be said beside it · spans: (start, stop) in seconds from which it came, of ways the longest
    first · bound: where something
    went unseen that can only make the value smaller, or larger.
    """

    name: str
    value: float | None
    error: float | None = None
    note: str = ""
    spans: tuple[Span, ...] = field(default=())
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """All figures of one attempt, and the stretches in which the tip was seen, and was not though the needle was in."""

    figures: tuple[Figure, ...]
    seen: tuple[Span, ...]
    unseen: tuple[Span, ...]

    def __getitem__(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


def skill_of(attempt: Attempt) -> Skill:
    """Work out every figure. A tip that shows up for an instant is no sight of it."""
    attempt = replace(attempt, is_seen=_opened(attempt, SIGHT_S))
    seen = _closed(attempt.time_s, attempt.is_seen, RESEEN_S)
    moves = list(_moves(attempt, seen))
    figures = (
        _time_to_target(attempt),
        _path(attempt, moves),
        _in_plane_share(attempt, moves),
        _disappearances(attempt, seen),
        _passes(attempt),
        _redirections(attempt, moves),
        _swings(attempt, moves),
        _entry_angle(attempt),
        _injection(attempt),
        _spread(attempt),
        _probe_way(attempt),
        *(_closest(attempt, name, distance) for name, distance in attempt.keep_outs_mm.items()),
    )
    return Skill(figures, _spans(attempt, attempt.is_needle & seen), _spans(attempt, attempt.is_needle & ~seen))


@dataclass(frozen=True, slots=True)
class _Move:
    """The tip's way from one anchor to the next, mm, negative for a withdrawal; whether it was seen all the way."""

    way_mm: float
    was_seen: bool
    begin: int
    end: int


def _moves(attempt: Attempt, seen: Bools) -> Iterator[_Move]:
    """Motion along the shaft, from anchor to anchor, pass by pass."""
    known = np.flatnonzero(attempt.is_seen & np.isfinite(attempt.along_mm))
    for number in np.unique(attempt.pass_number[known]):
        frames = known[attempt.pass_number[known] == number]
        along = _smoothed(attempt.time_s[frames], attempt.along_mm[frames])
        anchor, since = float(along[0]), int(frames[0])
        was_seen = True
        for before, frame, place in zip(frames[:-1], frames[1:], along[1:], strict=True):
            is_through = bool(seen[before : frame + 1].all())
            was_seen = was_seen and is_through
            if abs(place - anchor) >= ANCHOR_MM:
                yield _Move(float(place) - anchor, was_seen, since, int(frame))
                anchor, since, was_seen = float(place), int(frame), True


def _smoothed(time_s: Floats, along: Floats) -> Floats:
    """A running median of five: one frame whose tip was wrong moves nothing."""
    if len(along) < 5:
        return along
    padded = np.pad(along, 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5)
    times = np.lib.stride_tricks.sliding_window_view(np.pad(time_s, 2, mode="edge"), 5)
    is_near = np.abs(times - time_s[:, None]) <= RESEEN_S
    masked: Floats = np.nanmedian(np.where(is_near, windows, np.nan), axis=1)
    return masked


def _time_to_target(attempt: Attempt) -> Figure:
    name = "time_to_target_s"
    if not np.isfinite(attempt.target_mm).any():
        return Figure(name, None, note="no target was followed with a verified scale")
    there = np.flatnonzero(attempt.is_seen & (attempt.target_mm <= NEAR_TARGET_MM))
    first = np.flatnonzero(attempt.is_needle)
    if not len(there) or not len(first):
        return Figure(name, None, note="the tip was never seen at the target")
    begin, end = float(attempt.time_s[first[0]]), float(attempt.time_s[there[0]])
    unseen = attempt.is_needle & ~attempt.is_seen & (attempt.time_s < end)
    before = float(attempt.step_s[unseen & (attempt.time_s > end - 2.0)].sum())
    return Figure(
        name, end - begin, before, "it may have been there unseen" if before > GONE_S else "", ((begin, end),)
    )


def _path(attempt: Attempt, moves: list[_Move]) -> Figure:
    """With what lay in the picture when each pass was first seen: it had to come there."""
    if not moves:
        return Figure("path_mm", None, note="the tip was not seen to move")
    known = np.flatnonzero(attempt.is_seen & np.isfinite(attempt.along_mm))
    firsts = known[np.unique(attempt.pass_number[known], return_index=True)[1]]
    before = float(attempt.along_mm[firsts].sum())
    turns = sum(a.way_mm * b.way_mm < 0 for a, b in itertools.pairwise(moves))
    note = f"{before:.0f} mm of it before its first sight" if before >= 1.0 else ""
    way = before + sum(abs(move.way_mm) for move in moves)
    return Figure("path_mm", way, ANCHOR_MM * (len(firsts) + turns), note, _stretches(attempt, moves))


def _stretches(attempt: Attempt, moves: list[_Move]) -> tuple[Span, ...]:
    """Moves that follow each other within `TOGETHER_S`, without the rest before them; the longest way first."""
    found: list[tuple[float, float, float]] = []
    for move in moves:
        begin, end = float(attempt.time_s[move.begin]), float(attempt.time_s[move.end])
        begin = max(begin, end - TOGETHER_S) if move.was_seen else begin
        if found and begin - found[-1][1] <= TOGETHER_S:
            found[-1] = found[-1][0], end, found[-1][2] + abs(move.way_mm)
        else:
            found.append((begin, end, abs(move.way_mm)))
    return tuple((begin, end) for begin, end, _ in sorted(found, key=lambda one: -one[2]))


def _in_plane_share(attempt: Attempt, moves: list[_Move]) -> Figure:
    advances = [move for move in moves if move.way_mm > 0]
    total = sum(move.way_mm for move in advances)
    if not total:
        return Figure("in_plane_share", None, note="no advance was seen")
    hidden = [move for move in advances if not move.was_seen]
    share = 100.0 * (1.0 - sum(move.way_mm for move in hidden) / total)
    spans = tuple((float(attempt.time_s[move.begin]), float(attempt.time_s[move.end])) for move in hidden)
    note = f"{sum(move.way_mm for move in hidden):.0f} mm of {total:.0f} mm unseen, estimated" if hidden else ""
    error_mm = ANCHOR_MM * (1 + len(hidden)) + sum(min(REFOUND_MM, move.way_mm) for move in hidden)
    return Figure("in_plane_share", share, min(50.0, 100.0 * error_mm / total), note, spans)


def _disappearances(attempt: Attempt, seen: Bools) -> Figure:
    first = np.flatnonzero(attempt.is_seen)
    if not len(first):
        return Figure("disappearances", None, note="the tip was never seen")
    is_later = np.arange(len(seen)) > first[0]
    spans = [span for span in _spans(attempt, attempt.is_needle & ~seen & is_later) if span[1] - span[0] >= GONE_S]
    short = sum(end - begin < SURELY_GONE_S for begin, end in spans)
    note = f"{sum(b - a for a, b in spans):.1f} s in all" + (f", {short} of them short" if short else "")
    return Figure("disappearances", float(len(spans)), float(short) or None, note, tuple(spans))


def _passes(attempt: Attempt) -> Figure:
    if not attempt.is_needle.any():
        return Figure("passes", None, note="no needle was followed")
    firsts = np.unique(attempt.pass_number[attempt.is_needle], return_index=True)[1]
    begins = attempt.time_s[np.flatnonzero(attempt.is_needle)[firsts]]
    spans = tuple((float(begin) - 0.5, float(begin) + 0.5) for begin in begins)
    return Figure("passes", float(attempt.pass_number.max()), spans=spans)


def _redirections(attempt: Attempt, moves: list[_Move]) -> Figure:
    """Withdrawn far enough, then advanced at another angle."""
    if not moves:
        return Figure("redirections", None, note="the tip was not seen to move")
    spans: list[Span] = []
    place = peak = trough = 0.0
    peaked = moves[0].begin
    for move in moves:
        place += move.way_mm
        trough = min(trough, place)
        is_back = peak - trough >= WITHDRAWN_MM
        if is_back and place - trough >= ADVANCED_MM:
            turned = abs(_angle_before(attempt, move.end) - _angle_before(attempt, peaked))
            if turned >= TURNED_RAD:
                spans.append((float(attempt.time_s[peaked]), float(attempt.time_s[move.end])))
            peak, trough, peaked = place, place, move.end
        elif place >= peak:
            peak, trough, peaked = place, place, move.end
    return Figure("redirections", float(len(spans)), spans=tuple(spans))


def _angle_before(attempt: Attempt, frame: int) -> float:
    """Median angle of the half second up to a frame."""
    near = (attempt.time_s <= attempt.time_s[frame]) & (attempt.time_s >= attempt.time_s[frame] - 0.5)
    angles = attempt.angle_rad[near & np.isfinite(attempt.angle_rad)]
    return float(np.median(angles)) if len(angles) else math.nan


def _swings(attempt: Attempt, moves: list[_Move]) -> Figure:
    minutes = float(attempt.step_s[attempt.is_needle].sum()) / 60.0
    if minutes <= 0.0:
        return Figure("swings_per_min", None, note="no needle was seen")
    found, fewer, more = (_turns(attempt, moves, SWING_MM + by) for by in (0.0, ANCHOR_MM, -ANCHOR_MM))
    off = max(1, len(found) - len(fewer), len(more) - len(found))
    spans = tuple((time_s - 0.5, time_s + 0.5) for time_s in found)
    return Figure("swings_per_min", len(found) / minutes, off / minutes, spans=spans)


def _turns(attempt: Attempt, moves: list[_Move], least_mm: float) -> list[float]:
    """When the tip turned back by so much or more, s."""
    found: list[float] = []
    extreme, place, direction = 0.0, 0.0, 0
    for move in moves:
        place += move.way_mm
        if direction == 0:
            direction = 1 if move.way_mm > 0 else -1
        if direction * (place - extreme) >= 0:
            extreme = place
        elif abs(place - extreme) >= least_mm:
            found.append(float(attempt.time_s[move.end]))
            direction, extreme = -direction, place
    return found


def _entry_angle(attempt: Attempt) -> Figure:
    known = np.flatnonzero(attempt.is_needle & np.isfinite(attempt.angle_rad))
    if not len(known):
        return Figure("entry_angle_deg", None, note="no shaft was seen")
    frames = known[attempt.pass_number[known] == attempt.pass_number[known].max()]
    early = frames[attempt.time_s[frames] <= attempt.time_s[frames[0]] + ENTRY_S]
    angles = np.degrees(attempt.angle_rad[early])
    span = (float(attempt.time_s[early[0]]), float(attempt.time_s[early[-1]]))
    return Figure("entry_angle_deg", float(np.median(angles)), float(np.std(angles)), spans=(span,))


def _injection(attempt: Attempt) -> Figure:
    total = float(attempt.step_s[attempt.injecting].sum())
    if total <= 0.0:
        return Figure("injection_seen_share", None, note="nobody said that they inject")
    unseen = attempt.injecting & ~attempt.is_seen
    share = 100.0 * (1.0 - float(attempt.step_s[unseen].sum()) / total)
    spans = _spans(attempt, unseen)
    short_s = sum(end - begin for begin, end in spans if end - begin < SURELY_GONE_S)
    return Figure("injection_seen_share", share, 100.0 * short_s / total or None, f"of {total:.1f} s", spans)


def _spread(attempt: Attempt) -> Figure:
    """Where fluid is last seen, as it grows; a pool does not go away within an attempt."""
    name = "target_surrounded"
    known = np.flatnonzero(np.isfinite(attempt.around_target))
    if not len(known):
        return Figure(name, None, note="no fluid was seen while the target was followed")
    times = attempt.time_s[known]
    last = known[times >= times[-1] - SPREAD_S]
    shares = 100.0 * attempt.around_target[last]
    later = float(attempt.step_s[attempt.injecting & (attempt.time_s > times[-1])].sum())
    note = f"injection went on for {later:.1f} s with no fluid seen" if later >= GONE_S else ""
    bound = Bound.AT_LEAST if note else None
    span = (float(attempt.time_s[last[0]]), float(attempt.time_s[last[-1]]))
    return Figure(name, float(np.median(shares)), max(5.0, 2.0 * float(np.std(shares))), note, (span,), bound)


def _probe_way(attempt: Attempt) -> Figure:
    if not attempt.is_needle.any():
        return Figure("probe_way_mm", None, note="no needle was followed")
    if not np.isfinite(attempt.probe_mm).all():
        return Figure("probe_way_mm", None, note="no verified scale")
    place = np.cumsum(np.where(attempt.is_needle[:, None], attempt.probe_mm, 0.0), axis=0)
    moves, anchor, since, turns, before = list[_Move](), place[0], 0, 0, np.zeros(2)
    for index, point in enumerate(place):
        step = point - anchor
        if float(np.hypot(*step)) >= ANCHOR_MM:
            turns += float(step @ before) < 0.0
            moves.append(_Move(float(np.hypot(*step)), True, since, index))
            anchor, before, since = point, step, index
    way = sum(move.way_mm for move in moves)
    return Figure("probe_way_mm", way, ANCHOR_MM * (1 + turns), spans=_stretches(attempt, moves))


def _closest(attempt: Attempt, name: str, distance: Floats) -> Figure:
    known = attempt.is_seen & np.isfinite(distance)
    unseen_s = float(attempt.step_s[attempt.is_needle & ~known].sum())
    note = f"unseen for {unseen_s:.1f} s" if unseen_s >= GONE_S else ""
    if not known.any():
        return Figure(f"closest_mm {name}", None, note=note or "never measured")
    frame = int(np.flatnonzero(known)[np.argmin(distance[known])])
    time_s = float(attempt.time_s[frame])
    sigma = float(attempt.sigma_mm[frame])
    return Figure(f"closest_mm {name}", float(distance[frame]), None if math.isnan(sigma) else 2.0 * sigma, note,
                  ((time_s - 0.5, time_s + 0.5),), Bound.AT_MOST if note else None)  # fmt: skip


def _closed(time_s: Floats, flags: NDArray[np.bool_], gap_s: float) -> Bools:
    """The flags with gaps of at most `gap_s` filled."""
    out = flags.copy()
    on = np.flatnonzero(flags)
    for before, after in itertools.pairwise(on):
        if after - before > 1 and time_s[after] - time_s[before] <= gap_s:
            out[before:after] = True
    return out


def _opened(attempt: Attempt, least_s: float) -> Bools:
    """Sights without those that are shorter."""
    out = attempt.is_seen.copy()
    for begin, end in _spans(attempt, attempt.is_seen):
        if end - begin < least_s - 1e-9:
            out[(attempt.time_s >= begin) & (attempt.time_s < end)] = False
    return out


def _spans(attempt: Attempt, flags: NDArray[np.bool_]) -> tuple[Span, ...]:
    """(start, stop) of every run of set flags."""
    edges = np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))
    ends = np.append(attempt.time_s, attempt.time_s[-1] + attempt.step_s[-1])
    return tuple(
        (float(ends[a]), float(ends[b]))
        for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    )
