import math

import pytest

from rtguide.errors import GeometryError
from rtguide.model.needle import HiddenReason, NeedleState, Tip, TipState


def test_a_straight_shaft_travels_along_itself() -> None:
    needle = NeedleState(curve_px=((0.0, 0.0), (30.0, 30.0), (60.0, 60.0)))
    assert needle.direction_rad == pytest.approx(math.pi / 4)
    assert needle.shaft_end_px == (60.0, 60.0)


def test_one_noisy_point_at_the_end_hardly_turns_the_direction() -> None:
    points = (*((float(x), 0.0) for x in range(0, 100, 2)), (100.0, 1.0))
    direction = NeedleState(curve_px=points).direction_rad
    assert direction is not None
    assert abs(math.degrees(direction)) < 2.0


def test_a_bend_turns_it() -> None:
    needle = NeedleState(curve_px=((0.0, 0.0), (70.0, 0.0), (70.0, 70.0)))
    assert needle.direction_rad == pytest.approx(math.pi / 2)


def test_no_shaft_no_direction() -> None:
    assert NeedleState().direction_rad is None
    assert NeedleState(curve_px=((5.0, 5.0), (5.0, 5.0))).direction_rad == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": TipState.SEEN},
        {"state": TipState.HIDDEN, "px": (1.0, 1.0)},
        {"state": TipState.SEEN, "px": (1.0, 1.0)},
        {"state": TipState.NONE, "hidden_reason": HiddenReason.STEEP},
    ],
)
def test_a_tip_that_contradicts_itself_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(GeometryError):
        Tip(**wrong)  # type: ignore[arg-type]
