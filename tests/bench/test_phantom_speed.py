"""How long a frame of each scenario takes, beside a Gaussian blur of a 1080p picture in the same run: a table.

And how many frames a second come out by the wall clock, whatever else the machine has to do.
"""

import time
from collections.abc import Callable

import numpy as np
import pytest

from rtguide.opencv import cv2
from rtguide.phantom import Phantom, load_scenario, scenario_names


def _wall_hz(phantom: Phantom, count: int) -> float:
    start = time.perf_counter()
    for index in range(count):
        phantom.frame(300 + index)
    return count / (time.perf_counter() - start)


def _median_ms(run: Callable[[int], object], count: int) -> float:
    taken = []
    for index in range(count):
        start = time.process_time()
        run(index)
        taken.append(time.process_time() - start)
    return float(np.median(taken)) * 1e3


@pytest.mark.bench
def test_frame_times(capsys: pytest.CaptureFixture[str]) -> None:
    cv2.setNumThreads(1)
    grey = np.random.default_rng(0).integers(0, 255, (1080, 1920), dtype=np.uint8)
    lines = ["| scenario | points | frame, ms CPU | blurs | frames/s by the wall clock |", "|---|---|---|---|---|"]
    for name in scenario_names():
        phantom = Phantom(load_scenario(name), seed=1, rate_hz=30.0)
        phantom.frame(100)
        blur = _median_ms(lambda _: cv2.GaussianBlur(grey, (7, 7), 0), 15)
        frame = _median_ms(lambda index, phantom=phantom: phantom.frame(101 + index), 15)
        wall_hz = _wall_hz(phantom, 40)
        lines.append(f"| {name} | {phantom.point_count} | {frame:.1f} | {frame / blur:.1f} | {wall_hz:.0f} |")
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert len(lines) == 2 + len(scenario_names())
