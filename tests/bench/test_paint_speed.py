"""What painting costs, beside a 7×7 Gaussian blur of the same 1080p frame in the same run. Prints; asserts no time."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from rtguide.model.frame import Frame
from rtguide.opencv import cv2
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.view.fit import Fit
from rtguide.view.offscreen import ScenePainter
from rtguide.view.painter import ShapePainter, paint_pixels
from synthetic_scenes import scene

pytestmark = [pytest.mark.bench, pytest.mark.qt]

ROUNDS = 100
SHAPE = (1080, 1920)


def test_paint_speed(capsys: pytest.CaptureFixture[str]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, SHAPE, dtype=np.uint8)
    full = scene()
    full = replace(full, frame=Frame(0, 0, None, pixels), geometry=replace(full.geometry, shape_px=SHAPE))
    offscreen, shape_painter = ScenePainter(), ShapePainter()
    options = OverlayOptions.for_frame(SHAPE)
    shapes = compose(full, Freshness.FRESH, options)
    image = QImage(SHAPE[1], SHAPE[0], QImage.Format.Format_RGB32)
    whole, smaller = (Fit.into(SHAPE, QRectF(0, 0, 1920, height)) for height in (1080, 968))

    def painting(draw: Callable[[QPainter], None]) -> Callable[[], None]:
        def run() -> None:
            painter = QPainter(image)
            draw(painter)
            painter.end()

        return run

    parts: dict[str, Callable[[], object]] = {
        "GaussianBlur 7×7": lambda: cv2.GaussianBlur(pixels, (7, 7), 0),
        "compose": lambda: compose(full, Freshness.FRESH, options),
        "frame 1:1": painting(lambda painter: paint_pixels(painter, pixels, whole)),
        "frame scaled 0.9": painting(lambda painter: paint_pixels(painter, pixels, smaller)),
        "shapes": painting(lambda painter: shape_painter.paint(painter, shapes, whole, options.unit_px)),
        "ScenePainter.paint": lambda: offscreen.paint(full),
    }
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(ROUNDS):
        for name, part in parts.items():
            start = time.thread_time()
            part()
            taken[name].append(time.thread_time() - start)
    cv2.setNumThreads(threads)
    median = {name: float(np.median(values)) for name, values in taken.items()}
    with capsys.disabled():
        print(f"\npainting 1920×1080, {ROUNDS} rounds, CPU time of one thread")
        for name, seconds in median.items():
            ratio = seconds / median["GaussianBlur 7×7"]
            print(f"  {name:20} {seconds * 1e3:6.2f} ms  {ratio:5.2f} × blur")
    assert all(seconds > 0 for seconds in median.values())
