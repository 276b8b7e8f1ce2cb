"""Possible needles that are watched until one of them behaves like a needle."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.kernels.needle_line import mean_along
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_evidence import Evidence
from rtguide.tracking.needle_line import ShaftLine
from rtguide.tracking.needle_lock import LockTest
from rtguide.tracking.needle_proposal import LineProposal, LineProposer
from rtguide.tracking.needle_search import SegmentProposer
from rtguide.tracking.needle_shaft import Shaft
from rtguide.tracking.needle_tip import BORDER_MM

__all__ = ["NeedleBank", "own_proposers"]

MOST_MEMBERS = 7
"""Lines watched at once; more cost time and find nothing that the next look would not."""

MOST_OLD_MEMBERS = 3
"""Of these, lines that were not new when they were found: a needle that lay there before the start is one."""

MOST_RIVALS = 3
"""Lines watched beside a needle that is followed, in case it was the wrong one."""

NEW_LINE = 0.5
"""Mean newness of a line that counts as new: two deviations of such means over speckle."""

FAIR_CHANCE_S = 0.3
"""A line is watched at least so long before it makes room."""

LEAST_SUPPORT = 3.0
"""Log-likelihood ratio below which a line is not worth watching."""

JUST_ENTERED_MM = 3.0
"""A short ridge is watched only if it begins so near to the border of the region."""

SAME_ANGLE_RAD, SAME_PLACE_MM = math.radians(5.0), 1.5
"""Lines closer than this are one."""


def own_proposers(grid: WorkGrid) -> tuple[LineProposer, ...]:
    """The sources that need nothing but the picture."""
    return (SegmentProposer(grid),)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A line that is watched, its test, and whether it was new when it came."""

    shaft: Shaft
    test: LockTest
    was_new: bool

    @property
    def age_s(self) -> float:
        """How long it has been watched."""
        return self.shaft.last.time_s - self.shaft.history[0].time_s


class NeedleBank:
    """Finds lines, follows them and says when one is a needle."""

    def __init__(self, grid: WorkGrid, proposers: Sequence[LineProposer]) -> None:
        self._grid = grid
        self._proposers = tuple(proposers)
        self._followed: ShaftLine | None = None
        self.members: list[Member] = []

    def clear(self) -> None:
        """Forget every line."""
        self.members = []

    def release(self, shaft: Shaft) -> None:
        """Stop watching a line that is followed from now on, and all but its best rivals."""
        rivals = [member for member in self.members if member.shaft is not shaft and member.was_new]
        self.members = sorted(rivals, key=self._worth, reverse=True)[:MOST_RIVALS]

    def update(self, evidence: Evidence, followed: ShaftLine | None = None) -> Shaft | None:
        """Look at the next distinct picture; the needle, if one of the lines is one.

        followed: the line of the needle that is followed already; fewer others are watched then, and none that is it.
        """
        self._followed = followed
        ready = []
        for member in list(self.members):
            if member.shaft.update(evidence) is None or self._is_nothing(member):
                self.members.remove(member)
                continue
            room = member.shaft.room
            if member.test.update(member.shaft.history, evidence.unrest, room * self._grid.cell_mm > BORDER_MM):
                ready.append(member.shaft)
        for proposer in self._proposers:
            for proposal in proposer.propose(evidence):
                self._consider(proposal, evidence)
        return max(ready, key=lambda shaft: shaft.last.contrast + shaft.last.newness, default=None)

    def _consider(self, proposal: LineProposal, evidence: Evidence) -> None:
        x0, y0, x1, y1 = proposal.line
        line = ShaftLine.through((x0, y0), (x1, y1))
        entered = line.entered(self._grid)
        if entered is None or (proposal.must_enter and abs(entered[1]) * self._grid.cell_mm > JUST_ENTERED_MM):
            return
        watched = [member.shaft.line for member in self.members]
        if self._followed is not None:
            watched.append(self._followed)
        if any(self._is_same(other, line) for other in watched):
            return
        is_new = mean_along(evidence.newness, x0, y0, x1, y1) >= NEW_LINE
        if not self._make_room(is_new):
            return
        end = entered[0].place_of(x1, y1)[0] if proposal.has_end else None
        shaft = Shaft(self._grid, entered[0], end)
        if shaft.update(evidence) is not None:
            self.members.append(Member(shaft, LockTest(self._grid.cell_mm, proposal.log_odds), is_new))

    def _make_room(self, is_new: bool) -> bool:
        """Let a member go if need be: first of those that were not new when they came, the least worthy."""
        most = MOST_MEMBERS if self._followed is None else MOST_RIVALS
        old = [member for member in self.members if not member.was_new]
        if is_new:
            if len(self.members) < most:
                return True
            leaving = old or [member for member in self.members if member.age_s >= FAIR_CHANCE_S]
        else:
            if self._followed is not None:
                return False
            if len(old) < MOST_OLD_MEMBERS and len(self.members) < most:
                return True
            leaving = [member for member in old if member.age_s >= FAIR_CHANCE_S]
        if not leaving:
            return False
        self.members.remove(min(leaving, key=self._worth))
        return True

    def _is_nothing(self, member: Member) -> bool:
        """Whether nothing along the line stands out any more."""
        return member.age_s >= FAIR_CHANCE_S and member.shaft.last.support < LEAST_SUPPORT

    def _is_same(self, one: ShaftLine, other: ShaftLine) -> bool:
        turn = (one.angle_rad - other.angle_rad + math.pi) % (2 * math.pi) - math.pi
        if abs(turn) > SAME_ANGLE_RAD:
            return False
        ux, uy = other.unit
        middle = other.start[0] + 0.5 * other.chord * ux, other.start[1] + 0.5 * other.chord * uy
        return abs(one.place_of(*middle)[1]) * self._grid.cell_mm < SAME_PLACE_MM

    def _worth(self, member: Member) -> float:
        """How much a member deserves its place: newness, a moving end, contrast; less the longer it did nothing."""
        now = member.shaft.last
        shown = min(now.newness, 30.0) / 2 + 2.0 * min(max(now.fresh, 0.0), 4.0) + min(now.contrast, 20.0) / 5
        return shown + 5.0 * member.test.advance_mm - (2.0 if now.newness > 5.0 else 5.0) * member.age_s
