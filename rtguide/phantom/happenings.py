"""What happens in a scenario: moves of the probe, events, and how the pictures reach the frame grabber. As data."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ColourBox",
    "DepthChange",
    "Event",
    "Freeze",
    "GainChange",
    "HandRange",
    "Inject",
    "MisplacedError",
    "ProbeMove",
    "ScreenMark",
    "Stream",
    "Strict",
]

Positive = Annotated[float, Field(gt=0)]
Time = Annotated[float, Field(ge=0)]


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MisplacedError(ValueError):
    """Something in a scenario that contradicts something else. place: where in it, as ("events", 2, "around")."""

    def __init__(self, message: str, place: tuple[int | str, ...]) -> None:
        super().__init__(message)
        self.place = place


class ProbeMove(Strict):
    """Within `seconds`, move the probe smoothly to this pose; what is left out stays as it is.

    seconds: that it takes · slide_mm: across the picture (elevation) · shift_mm: along it · rock_deg: turned in the
    picture's plane · tilt_deg: turned out of it · pressure: 0 to 1, 1 empties veins · lift_mm: width of the face that
    lost contact, at the right end when positive, the left when negative.
    """

    seconds: Positive
    slide_mm: Annotated[float, Field(ge=-20, le=20)] | None = None
    shift_mm: Annotated[float, Field(ge=-20, le=20)] | None = None
    rock_deg: Annotated[float, Field(ge=-20, le=20)] | None = None
    tilt_deg: Annotated[float, Field(ge=-30, le=30)] | None = None
    pressure: Annotated[float, Field(ge=0, le=1)] | None = None
    lift_mm: Annotated[float, Field(ge=-40, le=40)] | None = None


class HandRange(Strict):
    """How far a person may steer the probe from where it rests, to either side. All 0: not at all.

    slide_mm, shift_mm, rock_deg, tilt_deg: as in `[[probe_moves]]`.
    """

    slide_mm: Annotated[float, Field(ge=0, le=20)] = 0.0
    shift_mm: Annotated[float, Field(ge=0, le=20)] = 0.0
    rock_deg: Annotated[float, Field(ge=0, le=20)] = 0.0
    tilt_deg: Annotated[float, Field(ge=0, le=30)] = 0.0


class Inject(Strict):
    """Fluid from the tip.

    at_s: when it begins · seconds: how long it takes · radius_mm: of the pool at the end, were it round · aspect: how
    much longer than high it is · slope_deg: of its long axis · echo: clear, with bubbles, or an echogenic suspension
    (steroid).
    """

    kind: Literal["inject"]
    at_s: Time
    seconds: Positive
    radius_mm: Annotated[float, Field(gt=0, le=12)] = 3.0
    aspect: Annotated[float, Field(ge=1, le=6)] = 2.5
    slope_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0
    echo: Literal["clear", "bubbles", "steroid"] = "clear"


class GainChange(Strict):
    """The gain knob is turned.

    at_s: when · gain_db: against the scenario's own gain.
    """

    kind: Literal["gain"]
    at_s: Time
    gain_db: Annotated[float, Field(ge=-30, le=30)]


class DepthChange(Strict):
    """Depth and frequency are set anew; the scale changes with the depth, so that the picture keeps its height.

    at_s: when · depth_mm, centre_mhz: as in `[probe]`.
    """

    kind: Literal["depth"]
    at_s: Time
    depth_mm: Annotated[float, Field(ge=15, le=200)]
    centre_mhz: Annotated[float, Field(ge=1.5, le=20)] | None = None


class Freeze(Strict):
    """The picture stands still, the source goes on.

    at_s: when · seconds: how long.
    """

    kind: Literal["freeze"]
    at_s: Time
    seconds: Positive


class ScreenMark(Strict):
    """Something the scanner draws over the picture for a while.

    kind: what · at_s: when · seconds: how long.
    """

    kind: Literal["guide-line", "centre-line", "calipers"]
    at_s: Time
    seconds: Positive


class ColourBox(Strict):
    """Colour Doppler in a box around a structure of the scenario.

    at_s: when · seconds: how long · around: the structure's name.
    """

    kind: Literal["colour-box"]
    at_s: Time
    seconds: Positive
    around: str


Event = Annotated[Inject | GainChange | DepthChange | Freeze | ScreenMark | ColourBox, Field(discriminator="kind")]


class Stream(Strict):
    """How pictures reach the computer.

    scanner_hz: pictures a second that the scanner makes (absent: one a frame); in between, the grabber repeats ·
    dropped: share of the scanner's pictures that never arrive.
    """

    scanner_hz: Annotated[float, Field(ge=5, le=120)] | None = None
    dropped: Annotated[float, Field(ge=0, le=0.5)] = 0.0
