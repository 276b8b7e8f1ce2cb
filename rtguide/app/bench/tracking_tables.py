"""The tables of `rtguide bench tracking`: figures per case and pooled, beside what is aimed at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table

from rtguide.app.bench.needle_free import FreeClip, as_json
from rtguide.app.bench.run_cases import Judged
from rtguide.training.aims import AIMS, Aim
from rtguide.training.baseline import STRUCTURES_ONLY
from rtguide.training.figures import Figures
from rtguide.training.pools import pools_of
from rtguide.training.score import pooled

__all__ = ["NEEDLE", "STRUCTURE", "Column", "Row", "free_table", "print_free", "print_rows", "rows_json", "rows_of"]

WIDTH = 150
"""Columns of a table that is printed where there is no terminal; more where names of cases are long."""


@dataclass(frozen=True, slots=True)
class Column:
    """A figure as it is printed. factor: 100 for shares in percent."""

    heading: str
    name: str
    digits: int
    factor: float = 1.0

    def text(self, figures: Figures) -> str:
        """The figure, or a dash where it is not known."""
        value = float(getattr(figures, self.name))
        return "–" if math.isnan(value) else f"{self.factor * value:.{self.digits}f}"

    def aim_text(self, aim: Aim | None) -> str:
        """The limit, as short as it can be said."""
        if aim is None:
            return ""
        low, high = (f"{self.factor * limit:g}" for limit in (aim.least, aim.most))
        if math.isinf(aim.least):
            return f"≤{high}" if aim.most else "0"
        return f"≥{low}" if math.isinf(aim.most) else f"{low}–{high}"


_ENOUGH_FRAMES = 100
"""Scored frames from which a case's own share inside sigma is held against its aim."""

NEEDLE = (
    Column("frames", "scored", 0),
    Column("found %", "found", 1, 100),
    Column("median mm", "tip_median_mm", 2),
    Column("p95 mm", "tip_p95_mm", 2),
    Column("wrong %", "wrong", 1, 100),
    Column("beyond %", "beyond", 1, 100),
    Column("in σ %", "inside_sigma", 0, 100),
    Column("angle °", "angle_median_deg", 2),
    Column("hidden", "hidden", 0),
    Column("shown %", "hidden_shown", 1, 100),
    Column("late s", "late_median_s", 2),
    Column("p95 s", "late_p95_s", 2),
    Column("locks/min", "locks_per_min", 2),
)
"""Figures of the needle; `docs/scoring.md` defines them."""

STRUCTURE = (
    Column("held %", "target_held", 1, 100),
    Column("mean mm", "target_mean_mm", 3),
    Column("p95 mm", "target_p95_mm", 3),
    Column("wrong %", "target_wrong", 2, 100),
)
"""Figures of the first marked structure."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a case, or a pool of `cases` cases. half: see `rtguide.training.pools`; empty for a case.

    median_ms: for one frame; of a pool the median over its cases.
    """

    name: str
    probe: str
    half: str
    tracker: str
    cases: int
    figures: Figures
    median_ms: float

    def aim(self, name: str) -> Aim | None:
        """What a figure of a pool is held against; of a case only `inside_sigma`, where enough frames are scored."""
        is_judged = bool(self.half) or (name == "inside_sigma" and self.figures.scored >= _ENOUGH_FRAMES)
        return AIMS.get(self.probe, {}).get(name) if is_judged else None


def rows_of(judged: Sequence[Judged], *, is_halved: bool) -> tuple[list[Row], list[Row]]:
    """Rows of the cases, and rows of the pools, in the order of the cases; each tracker's below one another."""
    trackers = tuple(dict.fromkeys(one.tracker for one in judged))
    by_tracker = {name: [one for one in judged if one.tracker == name] for name in trackers}
    first = by_tracker[trackers[0]]
    cases = [
        Row(one.case.name, one.case.probe, "", one.tracker, 1, Figures.of(one.tally), one.median_ms)
        for index in range(len(first))
        for one in (by_tracker[name][index] for name in trackers)
    ]
    pools = []
    for pool in pools_of([one.case for one in first], is_halved=is_halved):
        for name in trackers:
            mine = [by_tracker[name][index] for index in pool.members]
            figures = Figures.of(pooled([one.tally for one in mine]))
            ms = sorted(one.median_ms for one in mine)[len(mine) // 2]
            pools.append(Row(pool.title, pool.probe, pool.half, name, len(mine), figures, ms))
    return cases, pools


def rows_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as plain values; `meets` tells of each figure with an aim whether it is met, null where it is not known."""
    return [
        {
            "name": row.name,
            "probe": row.probe,
            "half": row.half or None,
            "tracker": row.tracker,
            "cases": row.cases,
            "median_ms": round(row.median_ms, 3),
            "figures": row.figures.as_json(),
            "meets": {
                column.name: aim.is_met(float(getattr(row.figures, column.name)))
                for column in (*NEEDLE, *STRUCTURE)
                if (aim := row.aim(column.name)) is not None
            },
        }
        for row in rows
    ]


def print_rows(cases: Sequence[Row], pools: Sequence[Row]) -> None:
    """Two tables on standard output: the needle's figures, and the first structure's."""
    has_structures = any(not math.isnan(row.figures.target_held) for row in cases)
    with_needle = [[row for row in rows if row.tracker not in STRUCTURES_ONLY] for rows in (cases, pools)]
    parts = [_table("Needle", NEEDLE, *with_needle)] if with_needle[0] else []
    if has_structures:
        parts.append(_table("First structure", STRUCTURE, cases, pools))
    longest = max(len(row.name) for row in cases)
    _print(Group(*parts), WIDTH - 12 + longest)


def print_free(clips: Sequence[FreeClip]) -> None:
    """The table of clips without a needle."""
    _print(free_table(clips), WIDTH)


def free_table(clips: Sequence[FreeClip]) -> Table:
    """A row a clip, and one for all of each tracker."""
    table = Table(title="Clips without a needle: a tip shown is a false lock")
    table.add_column("clip", overflow="fold")
    for heading in ("tracker", "frames", "seconds", "locks", "tip shown", "needle held", "at frames"):
        table.add_column(heading, justify="right" if heading not in ("tracker", "at frames") else "left")
    for clip in clips:
        at = ", ".join(map(str, clip.lock_frames[:6])) + (" …" if clip.locks > 6 else "")
        name = clip.address.rsplit("/", 1)[-1]
        counts = (f"{clip.frames}", f"{clip.seconds:.1f}", f"{clip.locks}", f"{clip.shown}", f"{clip.locked}")
        table.add_row(name, clip.tracker, *counts, at)
    table.add_section()
    for row in as_json(list(clips))["pooled"]:
        mine = [clip for clip in clips if clip.tracker == row["tracker"]]
        sums = (sum(clip.shown for clip in mine), sum(clip.locked for clip in mine))
        frames = sum(clip.frames for clip in mine)
        seconds = f"{row['seconds']:.1f}"
        table.add_row("all", row["tracker"], f"{frames}", seconds, f"{row['locks']}", *map(str, sums), "", style="bold")
    return table


def _table(title: str, columns: Sequence[Column], cases: Sequence[Row], pools: Sequence[Row]) -> Table:
    has_several = len({row.tracker for row in cases}) > 1
    table = Table(title=title, pad_edge=False)
    table.add_column("case", overflow="fold")
    if has_several:
        table.add_column("tracker", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right", no_wrap=True)
    name = ""
    for row in (*cases, *pools):
        if row.name != name and (row.half or has_several):
            table.add_section()
        title_cell = row.name if row.name != name else ""
        name = row.name
        lead = [f"{title_cell} ({row.cases})" if row.half and title_cell else title_cell]
        cells = [_cell(column, row) for column in columns]
        table.add_row(*lead, *([row.tracker] if has_several else []), *cells, style="bold" if row.half else "")
        if row.half and row.probe in AIMS and _is_last(row, pools):
            aims = [column.aim_text(row.aim(column.name)) for column in columns]
            table.add_row(*(["  aim"] + ([""] if has_several else [])), *aims, style="dim")
    return table


def _is_last(row: Row, pools: Sequence[Row]) -> bool:
    return [other for other in pools if other.name == row.name][-1] is row


def _cell(column: Column, row: Row) -> str:
    aim = row.aim(column.name)
    text = column.text(row.figures)
    if aim is None:
        return text
    met = aim.is_met(float(getattr(row.figures, column.name)))
    return text if met is None else f"[green]{text}[/]" if met else f"[red]{text}[/]"


def _print(what: RenderableType, width: int) -> None:
    console = Console()
    Console(width=console.width if console.is_terminal else width).print(what)
