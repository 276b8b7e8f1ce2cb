"""Which sights of a needle belong to one insertion.

A tracker that has lost a needle counts the next one it finds as another pass. Where the probe slipped off and came
back that is the same needle, and what it advanced meanwhile was advanced unseen; where it was drawn out it is another.
"""

from dataclasses import dataclass

__all__ = ["Insertions", "Sight"]

OUT_MM = 5.0
"""With so little in the picture when it was last seen, the needle has been drawn out."""

AWAY_S, IN_MM = 2.0, 8.0
"""Gone for so long after that, and found again with no more than this in the picture, it was out though the tracker
took it for the same; longer, it may as well have been advanced unseen."""

DRAWN_MM, DRAWN_S = 3.0, 1.0
"""Drawn back by so much in the last second before it went, it has been drawn out too."""

SHORTER = 0.5
"""Found again with less than this share of the length that was last seen, it has come in anew."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A tip that was seen. pass_number: the tracker's · length_mm: from where the shaft enters the picture to it ·
    is_jump: the line was another one in the frame before.
    """

    time_s: float
    pass_number: int
    length_mm: float
    is_jump: bool = False


class Insertions:
    """Takes every sight in order and counts insertions from 1."""

    def __init__(self) -> None:
        self.count = 0
        self._recent: list[Sight] = []

    def take(self, sight: Sight) -> bool:
        """Whether this is the first sight of another insertion."""
        last = self._recent[-1] if self._recent else None
        is_new = last is None or (
            self._is_another(sight, last)
            if sight.pass_number != last.pass_number or sight.is_jump
            else last.length_mm < OUT_MM and sight.time_s - last.time_s >= AWAY_S and sight.length_mm < IN_MM
        )
        if is_new:
            self.count += 1
            self._recent.clear()
        self._recent = [*(one for one in self._recent if one.time_s >= sight.time_s - DRAWN_S), sight]
        return is_new

    def _is_another(self, sight: Sight, last: Sight) -> bool:
        if last.length_mm < OUT_MM or sight.length_mm < SHORTER * last.length_mm:
            return True
        since = [one.length_mm for one in self._recent if one.time_s >= last.time_s - DRAWN_S]
        return max(since) - last.length_mm >= DRAWN_MM
