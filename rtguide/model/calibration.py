"""What a calibration method found, with its evidence."""

from dataclasses import dataclass
from enum import StrEnum

from rtguide.errors import CalibrationError
from rtguide.model.geometry import ImageGeometry
from rtguide.model.look import ScreenLook
from rtguide.model.points import Points

__all__ = ["Calibration", "Flip", "RulerReading"]


class Flip(StrEnum):
    """How the picture lies against the convention: the probe above, its mark at the left.

    LEFT_RIGHT says that the mark is at the right, which is the rule in echocardiography; BOTH is a half turn.
    """

    NO = "no"
    LEFT_RIGHT = "left-right"
    UPSIDE_DOWN = "upside-down"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RulerReading:
    """A ruler on the screen.

    pitch_px, sigma_px: distance of neighbouring ticks and its standard error · tick_mm: what that distance stands for,
    None where the screen does not say.
    """

    pitch_px: float
    sigma_px: float
    tick_mm: float | None

    def __post_init__(self) -> None:
        if self.pitch_px <= 0 or self.sigma_px < 0 or (self.tick_mm is not None and self.tick_mm <= 0):
            raise CalibrationError(f"a ruler has a pitch and ticks of some length, not {self}")

    @property
    def mm_per_px(self) -> float | None:
        """Millimetres per pixel along the ruler; None where its unit is not known."""
        return None if self.tick_mm is None else self.tick_mm / self.pitch_px

    @property
    def relative_sigma(self) -> float:
        """The scale's standard error in parts of it."""
        return self.sigma_px / self.pitch_px


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome of one calibration method.

    method: its entry point's name · geometry: the picture's geometry as far as this method knows it · evidence_px:
    polylines to draw on the image so that a user can see what was found · confidence 0 to 1 · note: one line in words ·
    ruler: what was read of a ruler, None where the method reads none · look: by what the screen is known again ·
    flipped: how the picture lies, where the method looks for that.
    """

    method: str
    geometry: ImageGeometry
    evidence_px: tuple[Points, ...]
    confidence: float
    note: str
    ruler: RulerReading | None = None
    look: ScreenLook | None = None
    flipped: Flip = Flip.UNKNOWN
