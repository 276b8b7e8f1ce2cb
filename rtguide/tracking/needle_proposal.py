"""What a source of possible needles hands to the bank: lines with the evidence for them.

A new cue plugs in here: a class with `propose`, built for a grid and given to `LineNeedle`. It says where a needle
might lie; whether it is one is decided by following it (see `needle_lock`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rtguide.errors import GeometryError
from rtguide.tracking.grid import WorkGrid
from rtguide.tracking.needle_evidence import Evidence

__all__ = ["LineProposal", "LineProposer", "ProposerMaker"]


@dataclass(frozen=True, slots=True)
class LineProposal:
    """A line that may be a needle.

    line: (x0, y0, x1, y1) in cells of the work grid, the start nearer to where it entered · score: by how many usual
    deviations it stands out of such lines in the picture; the bank watches the strongest · has_end: (x1, y1) is where
    it seems to end, not just a point on it · must_enter: it counts only if it starts at the border of the region ·
    log_odds: what the source knows beyond the line's strength, for (+) or against (-) a needle; 0 says nothing. It is
    added to the log-odds of every picture in which the line is followed.
    """

    line: tuple[float, float, float, float]
    score: float
    has_end: bool = False
    must_enter: bool = False
    log_odds: float = 0.0

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.line
        if x0 == x1 and y0 == y1:
            raise GeometryError(f"a proposed line needs two points, not ({x0}, {y0}) twice")


class LineProposer(Protocol):
    """A source of possible needles."""

    def propose(self, evidence: Evidence) -> Sequence[LineProposal]:
        """Lines in this picture, strongest first.

        Called for distinct pictures in order of time: for each while no needle is followed, else in turn with the other
        sources. A costly one looks at a part of all directions a call.
        """
        ...


ProposerMaker = Callable[[WorkGrid], Sequence[LineProposer]]
"""Builds the sources for a grid; the tracker calls it whenever the geometry changes."""
