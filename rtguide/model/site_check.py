"""What a user measured on the own scanner, probe, needle and phantom: how far the shown tip is from marked ones."""

from dataclasses import dataclass

from rtguide.errors import ConfigError

__all__ = ["SiteCheck"]


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """The outcome of marking frozen tips.

    tips: how many were marked · seen: in how many of these frames the tool showed a seen tip · within: how many of the
    seen ones had the mark inside their 95 % region · median_mm, worst_mm: distances of the seen ones from the marks,
    0 where none was seen · basis: the recording, in words.
    """

    tips: int
    seen: int
    within: int
    median_mm: float
    worst_mm: float
    basis: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.within <= self.seen <= self.tips or self.tips < 1 or min(self.median_mm, self.worst_mm) < 0:
            raise ConfigError(f"a site check counts marked, seen and met tips, each at most the one before, not {self}")

    @property
    def sentence(self) -> str:
        """One line in words."""
        if self.seen == 0:
            return f"site check: none of {self.tips} marked tips was seen"
        return (
            f"site check: {self.seen} of {self.tips} marked tips seen, {self.median_mm:.1f} mm off (median), "
            f"{self.worst_mm:.1f} mm at worst; {self.within} of {self.seen} within the drawn 95 % region"
        )
