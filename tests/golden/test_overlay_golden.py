"""The overlay as it was looked at and agreed: its shapes to a hundredth of a pixel, its picture with a tolerance.

A change on purpose is made by tests/golden/regenerate_overlays.py, which prints the difference, and by looking again.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from overlay_cases import CASES, FOLDER, PAINTED, as_text, cropped, plain, shapes_of

from rtguide.opencv import cv2
from rtguide.view.offscreen import ScenePainter


@pytest.mark.parametrize("name", list(CASES))
def test_shapes(name: str) -> None:
    golden = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    assert as_text(shapes_of(name)) == golden


def test_every_golden_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(CASES)
    assert {path.stem for path in FOLDER.glob("*.png")} == set(PAINTED)


@pytest.mark.qt
@pytest.mark.parametrize("name", PAINTED)
def test_picture(name: str) -> None:
    golden = cv2.imread(str(FOLDER / f"{name}.png"))
    assert golden is not None
    picture = cropped(ScenePainter().paint(plain(CASES[name][0])))
    difference = np.abs(golden[:, :, ::-1].astype(int) - picture).max(axis=2)
    assert np.mean(difference > 60) < 0.004, "letters may be drawn a little differently elsewhere, lines may not move"


@pytest.mark.qt
def test_the_tolerance_notices_a_tip_that_moves_by_three_pixels() -> None:
    golden = cv2.imread(str(FOLDER / "seen.png"))
    moved = np.roll(golden, 3, axis=1)
    assert np.mean(np.abs(golden.astype(int) - moved).max(axis=2) > 60) > 0.004


@pytest.mark.qt
@pytest.mark.parametrize("name", ["seen", "predicted", "hidden"])
def test_lines_stand_out_from_dark_and_from_bright_tissue(name: str) -> None:
    """Lines are light with a dark rim: light pixels over the dark half, dark ones over the bright half."""
    picture = cropped(ScenePainter().paint(plain(CASES[name][0]))).astype(int).max(axis=2)
    dark, bright = picture[:, : 640 - 420], picture[:, 640 - 420 :]
    assert (dark > 180).sum() > 300
    assert (bright < 100).sum() > 300
