"""What is known of one scanner's screen at one depth."""

import re
from dataclasses import dataclass

from rtguide.errors import ConfigError
from rtguide.model.geometry import ImageGeometry
from rtguide.model.look import ScreenLook
from rtguide.model.site_check import SiteCheck

__all__ = ["Profile"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A screen that was calibrated.

    name: unique, also the file's name · scanner, probe, depth: as the user calls them, may be empty · geometry: region
    and scale, accepted by the user · look: by what the screen is known again · scale_error: standard error of the scale
    in parts of it · basis: one line, what the scale rests on · capture_lag_s: from glass to here, measured ·
    tracker_lag_s: of the tracker behind the pictures · site: the tip error that was measured on this screen.
    """

    name: str
    geometry: ImageGeometry
    look: ScreenLook
    scanner: str = ""
    probe: str = ""
    depth: str = ""
    scale_error: float = 0.0
    basis: str = ""
    capture_lag_s: float | None = None
    tracker_lag_s: float | None = None
    site: SiteCheck | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"{self.name!r} is no name for a profile: use letters, digits, blanks, . _ - (60 at most)"
            )
        if self.geometry.spacing_mm is None:
            raise ConfigError(
                f"profile {self.name!r} has no scale (geometry.spacing_mm): a profile is there to give one"
            )
        if self.look.shape_px != self.geometry.shape_px:
            raise ConfigError(f"profile {self.name!r}: look and geometry are of frames of different size")

    @property
    def is_distinct(self) -> bool:
        """Whether it is known by print too: the same ticks may stand for another distance at another depth."""
        return bool(self.look.print)
