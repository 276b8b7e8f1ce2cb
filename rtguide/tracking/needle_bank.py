"""Possible needles that are watched until one of them behaves like a needle."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.kernels.needle_line import mean_along
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_entry import SHALLOW_SHARE, EntrySearch
from rtguide.tracking.needle_evidence import Evidence
from rtguide.tracking.needle_hint import GridHint
from rtguide.tracking.needle_line import ShaftLine
from rtguide.tracking.needle_lock import LockTest
from rtguide.tracking.needle_proposal import LineProposal, LineProposer
from rtguide.tracking.needle_search import SegmentProposer
from rtguide.tracking.needle_shaft import Shaft
from rtguide.tracking.needle_tip import BORDER_MM

__all__ = ["NeedleBank", "own_proposers"]

MOST_MEMBERS = 7
"""Lines watched at once; more cost time and find nothing that the next look would not."""

MOST_OLD_MEMBERS = 5
"""Of these, lines that were not new when they were found: a needle that lay there before the start is one."""

MOST_RIVALS = 3
"""Lines watched beside a needle that is followed, in case it was the wrong one."""

NEW_LINE = 0.5
"""Mean newness of a line that counts as new: two deviations of such means over speckle."""

FAIR_CHANCE_S = 0.3
"""A line is watched at least so long before it makes room."""

YOUNG_GRACE = 3.0
"""Before, another must be worth so much more."""

LEAST_SUPPORT = 3.0
"""Log-likelihood ratio below which a line is not worth watching."""

FIRST_LOOK = 1.0
"""Log-odds by the look of the first picture, for a line that is not new to be watched like a new one."""

ALONG_BEAM_RAD = math.radians(8.0)
"""Nearer to the beam run shadows' edges and the bright streaks under vessels; steel there sends no echo back."""

STEEP_RAD = math.radians(22.0)
"""Nearer to the beam than this the look alone proves nothing: shadows have straight edges that cross every layer."""

LEAST_EXPLAINED, EXPLAINED_GAIN, UNEXPLAINED_LOOK = 0.9, 0.1, 0.0
"""Share of the tissue that must move as one, averaged over some ten pictures, for newness to prove something. Where
less does (a probe pressed, tilted or lifted), bright lines come and go: a line must then look like a needle."""

UPWARD_RAD = math.radians(5.0)
"""A needle is pushed into the depth; this much is left for a tilted probe. Pleura and bone rise more."""

HINT_LOG_ODDS, HINT_SCORE = 1.5, 9.0
"""What it adds to a line's log-odds in every picture that a person says it is the needle; the strength that a drawn
line is given. Where the end is and whether it is the tip is judged as ever."""

REFUSED_S = 0.5
"""So long a line that found no room is not looked at again."""

JUST_ENTERED_MM = 3.0
"""A short ridge is watched only if it begins so near to the border of the region."""

SAME_ANGLE_RAD, SAME_PLACE_MM = math.radians(5.0), 1.5
"""Lines closer than this are one."""


def own_proposers(grid: WorkGrid) -> tuple[LineProposer, ...]:
    """The sources that need nothing but the picture."""
    return EntrySearch(grid), SegmentProposer(grid)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A line that is watched, with its test.

    is_fit: it was new, meant by a person, or looked like a needle when it came · log_odds: what its source knew of it.
    """

    shaft: Shaft
    test: LockTest
    is_fit: bool
    log_odds: float

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
        self._explained = 1.0
        self._turn = 0
        self._refused: deque[tuple[ShaftLine, float]] = deque()
        self.members: list[Member] = []
        self.hint: GridHint | None = None

    def clear(self) -> None:
        """Forget every line."""
        self.members = []

    def release(self, shaft: Shaft) -> None:
        """Stop watching a line that is followed from now on, and all but its best rivals."""
        rivals = [member for member in self.members if member.shaft is not shaft and member.is_fit]
        self.members = sorted(rivals, key=self._worth, reverse=True)[:MOST_RIVALS]

    def update(self, evidence: Evidence, followed: ShaftLine | None = None) -> Shaft | None:
        """Look at the next distinct picture; the needle, if one of the lines is one.

        followed: the line of the needle that is followed already; fewer others are watched then, none that is it, and
            one source is asked a picture.
        """
        self._followed = followed
        self._explained += EXPLAINED_GAIN * (evidence.motion.agreement - self._explained)
        is_explained = self._explained >= LEAST_EXPLAINED
        ready = []
        for member in list(self.members):
            if member.shaft.update(evidence) is None or self._is_nothing(member):
                self.members.remove(member)
                continue
            now = member.shaft.last
            is_fair = is_explained or now.look >= UNEXPLAINED_LOOK
            is_inside = is_fair and member.shaft.room * self._grid.cell_mm > BORDER_MM
            may_look = self._to_beam(member.shaft.line) > math.sin(STEEP_RAD)
            member.test.hint = member.log_odds + (HINT_LOG_ODDS if self._is_meant(member.shaft) else 0.0)
            if member.test.update(member.shaft.history, evidence.unrest, is_inside, may_look):
                ready.append(member.shaft)
        self._turn = (self._turn + 1) % max(len(self._proposers), 1)
        asked = self._proposers if followed is None else self._proposers[self._turn : self._turn + 1]
        for proposer in asked:
            for proposal in proposer.propose(evidence):
                self._consider(proposal, evidence)
        drawn = None if self.hint is None else self.hint.line
        if drawn is not None:
            self._consider(LineProposal(drawn, HINT_SCORE, has_end=True), evidence)
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
        if self._is_impossible(entered[0]):
            return
        is_new = mean_along(evidence.newness, x0, y0, x1, y1) >= NEW_LINE
        if not is_new and (
            (self._followed is not None and not proposal.has_end) or self._was_refused(line, evidence.time_s)
        ):
            return
        end = entered[0].place_of(x1, y1)[0] if proposal.has_end else None
        shaft = Shaft(self._grid, entered[0], end)
        if shaft.update(evidence) is None:
            return
        is_meant = self.hint is not None and self.hint.fits((x0, y0), (x1, y1))
        is_fit = is_new or is_meant or shaft.last.look >= FIRST_LOOK
        member = Member(shaft, LockTest(self._grid.cell_mm), is_fit, proposal.log_odds)
        if self._make_room(member):
            self.members.append(member)
        else:
            self._refused.append((line, evidence.time_s))

    def _is_meant(self, shaft: Shaft) -> bool:
        """Whether a person said that this is the needle."""
        return self.hint is not None and self.hint.fits(shaft.line.start, shaft.line.point(shaft.last.end))

    def _is_impossible(self, line: ShaftLine) -> bool:
        """Whether no needle can lie so: it comes from above, not too deep, and not along the beam."""
        is_along = self._to_beam(line) < math.sin(ALONG_BEAM_RAD)
        is_upward = line.unit[1] < -math.sin(UPWARD_RAD)
        return is_along or is_upward or line.start[1] > SHALLOW_SHARE * self._grid.shape[0]

    def _to_beam(self, line: ShaftLine) -> float:
        """Sine of the angle between a line and the beam through its middle."""
        (x, y), (ux, uy) = line.start, line.unit
        beam = self._grid.beam_at(x + 0.5 * line.chord * ux, y + 0.5 * line.chord * uy)
        return abs(ux * beam[1] - uy * beam[0])

    def _was_refused(self, line: ShaftLine, now_s: float) -> bool:
        """Whether the bank had no room for this line a moment ago."""
        while self._refused and now_s - self._refused[0][1] > REFUSED_S:
            self._refused.popleft()
        return any(self._is_same(other, line) for other, _ in self._refused)

    def _make_room(self, new: Member) -> bool:
        """Let a member go if need be: the least worthy, if it has had its chance and is worth less than the new one."""
        most = MOST_MEMBERS if self._followed is None else MOST_RIVALS
        rivals = self.members if new.is_fit else [member for member in self.members if not member.is_fit]
        if not new.is_fit and self._followed is not None:
            return False
        if len(self.members) < most and (new.is_fit or len(rivals) < MOST_OLD_MEMBERS):
            return True
        worth = self._worth(new)
        leaving = [member for member in rivals if self._worth(member) < worth - self._grace(member)]
        if not leaving:
            return False
        self.members.remove(min(leaving, key=self._worth))
        return True

    def _grace(self, member: Member) -> float:
        """By how much a better line must be better to take a member's place."""
        return 0.0 if member.age_s >= FAIR_CHANCE_S else YOUNG_GRACE

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
        """How much a member deserves its place: newness, a moving end, look; less the longer it did nothing."""
        now = member.shaft.last
        shown = min(now.newness, 30.0) / 4 + 1.5 * min(max(now.fresh, 0.0), 4.0) + min(now.contrast, 20.0) / 5
        shown += 2.0 * min(max(now.look, -2.0), 5.0) + 5.0 * member.test.advance_mm
        return shown - (1.0 if now.look > FIRST_LOOK else 5.0) * member.age_s
