"""Changes of the screen are noticed within five frames; gain, freeze, text, clocks and marks are none."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.change_watch import ScreenWatch
from calibration.image_region import ImageRegion
from phantom_screens import LAYOUTS, on_screen
from rtguide.errors import ConfigError
from rtguide.model.geometry import ImageGeometry
from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario
from ruler_screens import RulerScreen, draw_screen

Frames = list[NDArray[np.uint8]]

DESIGN = RulerScreen(depth_text="4.0 cm")


def drawn(design: RulerScreen) -> Frames:
    return [draw_screen(replace(design, seed=seed)) for seed in range(3)]


def packed(frames: Frames, quality: int | None) -> Frames:
    if quality is None:
        return frames
    way = cv2.IMREAD_GRAYSCALE if frames[0].ndim == 2 else cv2.IMREAD_COLOR
    worn = [cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for frame in frames]
    return [np.asarray(cv2.imdecode(data, way), np.uint8) for data in worn]


def region_of(frames: Frames) -> ImageGeometry:
    return ImageRegion().calibrate(frames).geometry


def noticed_after(
    before: Frames, after: Frames, count: int = 20, geometry: ImageGeometry | None = None
) -> tuple[int | None, str | None]:
    """(frames of the new screen until it was noticed, what was said); None where it was not."""
    watch = ScreenWatch()
    watch.start(before[0], geometry or region_of(before))
    assert [watch.change(before[n % len(before)]) for n in range(6)] == [None] * 6
    for n in range(count):
        what = watch.change(after[n % len(after)])
        if what is not None:
            return n + 1, what
    return None, None


CHANGES = {
    "depth": (DESIGN, replace(DESIGN, depth_mm=50.0, px_per_mm=548 / 50, depth_text="5.0 cm"), "the ruler"),
    "a little deeper": (DESIGN, replace(DESIGN, depth_mm=42.0, px_per_mm=548 / 42, depth_text="4.2 cm"), "the ruler"),
    "same ticks, other numbers": (
        replace(DESIGN, tick_mm=2.0, rhythm=5, label_unit=None, depth_text=None, badge="4.0 cm"),
        replace(
            DESIGN,
            tick_mm=10.0,
            rhythm=5,
            label_unit=None,
            depth_mm=200.0,
            px_per_mm=13.7 / 5,
            depth_text=None,
            badge="20 cm",
        ),
        "printed depth",
    ),
    "the ruler on the other side": (DESIGN, replace(DESIGN, side="left"), "the ruler"),
    "another size": (DESIGN, replace(DESIGN, shape_px=(768, 1000)), "size of the frame"),
}


@pytest.mark.parametrize("quality", [None, 60])
@pytest.mark.parametrize(("before", "after", "what"), CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_noticed(before: RulerScreen, after: RulerScreen, what: str, quality: int | None) -> None:
    frames, said = noticed_after(packed(drawn(before), quality), packed(drawn(after), quality))
    assert frames is not None
    assert frames <= 5
    assert what in str(said)


def test_a_ruler_well_inside_the_frame_is_watched_where_no_picture_was_found() -> None:
    before, after, _ = CHANGES["depth"]
    screens = drawn(before)
    whole = ImageGeometry.whole_frame(screens[0].shape[:2])
    frames, said = noticed_after(screens, drawn(after), geometry=whole)
    assert frames is not None
    assert frames <= 5
    assert "the ruler" in str(said)


@pytest.mark.parametrize("factor", [0.35, 1.6])
def test_gain_is_no_change(factor: float) -> None:
    before = drawn(DESIGN)
    after = [frame.copy() for frame in before]
    for frame in after:
        area = frame[60:608, 260:740]
        area[:] = np.clip(area.astype(float) * factor, 0, 255).astype(np.uint8)
    assert noticed_after(before, after) == (None, None)


def test_freeze_text_clock_and_marks_are_no_change() -> None:
    before = drawn(DESIGN)
    after = [frame.copy() for frame in before]
    for n, frame in enumerate(after):
        cv2.putText(frame, f"12:04:{n + 7:02d}", (800, 24), 0, 0.5, (200, 200, 200), 1)
        cv2.putText(frame, "GAIN 72 %", (14, 420), 0, 0.5, (200, 200, 200), 1)
        cv2.putText(frame, "+ 1.25 cm", (270, 590), 0, 0.5, (240, 240, 240), 1)
        cv2.line(frame, (500, 60), (500, 600), (200, 200, 200), 1)
    assert noticed_after(before, [before[0]]) == (None, None)
    assert noticed_after(before, after) == (None, None)


def test_one_frame_that_breaks_up_is_no_change() -> None:
    before = drawn(DESIGN)
    watch = ScreenWatch()
    watch.start(before[0], region_of(before))
    broken = np.zeros_like(before[0])
    assert [watch.change(frame) for frame in (broken, broken, before[1], broken, before[2])] == [None] * 5


def test_it_says_what_the_ruler_says() -> None:
    frame = draw_screen(DESIGN)
    found = ScreenWatch().start(frame, region_of([frame]))
    assert found is not None
    assert found.geometry.spacing_mm == pytest.approx([1 / 13.7] * 2, rel=0.005)
    bare = frame.copy()
    bare[:, 750:], bare[:, :250] = 0, 0
    assert ScreenWatch().start(bare, region_of([bare])) is None


NAMES = ("femoral", "lumbar-facet", "axillary")


def phantom(name: str, layout: str, depth_mm: float = 0.0, share: float = 1.0, gain_db: float = 0.0) -> Frames:
    """A scenario at another depth (the picture keeps its height), zoom or gain, as large as it fits."""
    base = on_screen(name, layout, (1280, 720)).scenario
    depth = base.probe.depth_mm + depth_mm
    for fit in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        scale = fit * share * base.screen.px_per_mm * base.probe.depth_mm / depth
        changed = base.model_copy(
            update={
                "probe": base.probe.model_copy(update={"depth_mm": depth}),
                "screen": base.screen.model_copy(update={"px_per_mm": scale}),
                "display": base.display.model_copy(update={"gain_db": base.display.gain_db + gain_db}),
            }
        )
        try:
            simulated = Phantom(changed, 1, rate_hz=10.0)
        except ConfigError:
            continue
        return [simulated.frame(index)[0] for index in (0, 3, 6, 9)]
    raise AssertionError(f"{name} does not fit on {layout}")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_changes_and_a_hundred_that_are_none() -> None:
    missed, false, changes, others = [], [], 0, 0
    for name in NAMES:
        assert load_scenario(name)
        for place, layout in enumerate(LAYOUTS):
            before = phantom(name, layout)
            turned = {
                "deeper": phantom(name, layout, depth_mm=10.0),
                "shallower": phantom(name, layout, depth_mm=-5.0),
                "zoom": phantom(name, layout, share=0.8),
                "probe": phantom("femoral" if name == "lumbar-facet" else "lumbar-facet", layout),
                "layout": phantom(name, list(LAYOUTS)[(place + 1) % len(LAYOUTS)]),
            }
            still = {f"gain {gain}": phantom(name, layout, gain_db=gain) for gain in (-12.0, -6.0, 8.0)}
            still["freeze"] = before[:1]
            still["text"] = [cv2.putText(f.copy(), "PRESET MSK 72 %", (24, 640), 0, 0.5, 200, 1) for f in before]
            for quality in (None, 60):
                old = packed(before, quality)
                for what, after in turned.items():
                    changes += 1
                    frames, _ = noticed_after(old, packed(after, quality))
                    if frames is None or frames > 5:
                        missed.append((name, layout, what, quality, frames))
                for what, after in still.items():
                    others += 1
                    if noticed_after(old, packed(after, quality))[0] is not None:
                        false.append((name, layout, what, quality))
    assert changes >= 100
    assert others >= 100
    assert not missed
    assert len(false) <= 1, false
