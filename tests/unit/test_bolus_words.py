"""Hydrolocation: fluid that is seen soon after a test bolus is named, and no other."""

from dataclasses import replace

import pytest

from rtguide.model.event import EventKind
from rtguide.model.needle import TipState
from rtguide.model.scene import Scene
from rtguide.model.spread import Spread
from rtguide.model.structure import box_outline
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.shapes import Label
from rtguide.view.event_log import BOLUS_FOR_NS, EventLog
from synthetic_scenes import SHAPE, Wish, scene

FLUID = Spread(box_outline(540.0, 310.0, 60.0, 30.0), 1400.0)
S = 1_000_000_000


def wet() -> Scene:
    full = scene(Wish(tip=TipState.HIDDEN))
    return replace(full, tracking=replace(full.tracking, spread=FLUID))


def said(full: Scene, *, is_bolus: bool, freshness: Freshness = Freshness.FRESH) -> list[Label]:
    options = replace(OverlayOptions.for_frame(SHAPE), is_bolus=is_bolus)
    return [s for s in compose(full, freshness, options) if isinstance(s, Label) and s.key == "bolus"]


def test_it_is_named_beside_the_fluid_and_covers_no_tip() -> None:
    (label,) = said(wet(), is_bolus=True)
    assert label.lines[0].text == "test bolus: fluid seen here"
    x, y, width, height = label.box_px
    assert not (x + width > 540.0 and x < 600.0 and y + height > 310.0 and y < 340.0), "beside it, not on it"


@pytest.mark.parametrize("freshness", [Freshness.HOLLOW, Freshness.GONE])
def test_nothing_is_said_without_a_bolus_without_fluid_or_of_an_old_picture(freshness: Freshness) -> None:
    assert not said(wet(), is_bolus=False)
    assert not said(scene(), is_bolus=True)
    assert not said(wet(), is_bolus=True, freshness=freshness)


def test_a_bolus_counts_for_ten_seconds_and_until_something_else_is_given() -> None:
    log = EventLog(lambda *_: True)
    assert not log.is_bolus(0)
    log.press(EventKind.TEST_BOLUS, 1 * S)
    log.press(EventKind.BOOKMARK, 2 * S)
    assert log.is_bolus(1 * S + BOLUS_FOR_NS)
    assert not log.is_bolus(1 * S + BOLUS_FOR_NS + 1)
    log.press(EventKind.TEST_BOLUS, 20 * S)
    log.press(EventKind.INJECTED, 22 * S)
    assert not log.is_bolus(23 * S)
