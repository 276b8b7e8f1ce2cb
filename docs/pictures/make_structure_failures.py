"""Draws where structures are lost or wrong: `python docs/pictures/make_structure_failures.py OUT.png`.

Each row is a structure of the phantom: as it was marked, and the picture in which it is furthest off while it is said
to be tracked, or the first in which it is not. Solid: what is said; dotted: the truth.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.points import Points, as_array
from rtguide.model.structure import StructureState, StructureTrack
from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario
from rtguide.tracking.structures import StructureTracker

RATE_HZ = 15.0
SHRINK = 0.6
CROP_PX = (300, 190)
YELLOW, ORANGE, CYAN = (60, 230, 255), (40, 140, 255), (255, 220, 60)


@dataclass(frozen=True, slots=True)
class Row:
    """A structure to look at. seconds: of the clip · noise_db: on top of the scenario's own."""

    scenario: str
    seed: int
    name: str
    seconds: float
    text: str
    noise_db: float = 0.0


ROWS = (
    Row("infraclavicular", 211, "lateral cord", 14.0, "fluid opens within a nerve"),
    Row("erector-spinae-hard", 208, "pleura", 5.2, "a pleura in a rib's shadow"),
    Row("stellate-ganglion-hard", 222, "vertebral artery", 3.0, "an artery in bone's shadow"),
    Row("lumbar-facet-hard", 1, "medial branch", 2.0, "noise as strong as the echo", 12.0),
)


def made(row: Row) -> Phantom:
    """The scenario at a smaller size, so that it draws quickly."""
    scenario = load_scenario(row.scenario)
    screen, display = scenario.screen, scenario.display
    smaller = {
        "px_per_mm": screen.px_per_mm * SHRINK,
        "width_px": int(screen.width_px * SHRINK) // 2 * 2,
        "height_px": int(screen.height_px * SHRINK) // 2 * 2,
    }
    update = {
        "screen": screen.model_copy(update=smaller),
        "display": display.model_copy(update={"noise_db": display.noise_db + row.noise_db}),
    }
    return Phantom(scenario.model_copy(update=update), row.seed, RATE_HZ)


def draw_row(row: Row) -> NDArray[np.uint8]:
    """Both pictures of a row side by side, BGR."""
    phantom, tracker = made(row), StructureTracker()
    tracker.start(phantom.geometry)
    spacing = phantom.geometry.spacing_mm
    assert spacing is not None
    first, shown, worst = None, None, 0.0
    for index in range(round(row.seconds * RATE_HZ)):
        pixels, truth = phantom.frame(index)
        frame = Frame(index, round(index * 1e9 / RATE_HZ), None, pixels)
        true = next(one for one in truth.structures if one.name == row.name)
        if index == 0:
            tracker.mark([true], frame)
        state = tracker.track(frame)[0]
        off_mm = gap_px(state.outline_px, true.outline_px) * spacing[0] if state.outline_px else 0.0
        is_tracked = state.track is StructureTrack.TRACKED
        if index == 0:
            first = panel(pixels, state, true.outline_px, "as marked")
        elif is_tracked and off_mm > max(worst, 1.5):
            worst, shown = off_mm, panel(pixels, state, true.outline_px, f"{row.text}: {off_mm:.1f} mm off")
        elif not is_tracked and shown is None:
            shown = panel(pixels, state, true.outline_px, f"{row.text}: {state.track.value}")
    if first is None or shown is None:
        raise SystemExit(f"{row.scenario}: {row.name} is held all the time; choose another example")
    return np.hstack([first, shown])


def gap_px(said: Points, true: Points) -> float:
    """Mean distance of corners that belong together, across where there is a direction: the height."""
    difference = as_array(said) - as_array(true)
    return float(
        np.abs(difference[:, 1]).mean() if np.ptp(as_array(true)[:, 0]) > 150 else np.hypot(*difference.T).mean()
    )


def panel(pixels: NDArray[np.uint8], state: StructureState, true: Points, text: str) -> NDArray[np.uint8]:
    """A crop around the truth with both outlines."""
    grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    for x, y in np.round(as_array(true)).astype(int).tolist():
        cv2.circle(picture, (x, y), 1, CYAN, -1)
    if state.outline_px:
        colour = YELLOW if state.track is StructureTrack.TRACKED else ORANGE
        is_closed = state.kind.value == "structure"
        cv2.polylines(picture, [np.round(as_array(state.outline_px)).astype(np.int32)], is_closed, colour, 1)
    width, height = CROP_PX
    centre = as_array(true).mean(axis=0)
    left = int(np.clip(centre[0] - width / 2, 0, picture.shape[1] - width))
    top = int(np.clip(centre[1] - height / 2, 0, picture.shape[0] - height))
    crop = picture[top : top + height, left : left + width].copy()
    cv2.rectangle(crop, (0, 0), (width, 15), (0, 0, 0), -1)
    cv2.putText(crop, text, (4, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(crop, np.uint8)


def main() -> None:
    """Draw all rows into one picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    if not cv2.imwrite(str(asked.out), np.vstack([draw_row(row) for row in ROWS])):
        raise SystemExit(f"{asked.out} cannot be written")


if __name__ == "__main__":
    main()
