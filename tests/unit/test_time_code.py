"""The time code is read where it can be, and never read wrongly."""

import numpy as np
import pytest

from rtguide.app.bench.time_code import STEP_NS, STEPS, delay_ns, picture_of, read_code
from rtguide.opencv import cv2


def on_screen(t_ns: int, scale: float = 2.0) -> np.ndarray:
    code = cv2.resize(picture_of(t_ns), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    screen = np.full((720, 1280), 64, np.uint8)
    screen[200 : 200 + code.shape[0], 100 : 100 + code.shape[1]] = code
    return screen


def filmed(screen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As a camera beside the screen sees it: askew, soft, noisy, pale."""
    seen = np.array([[90, 60], [590, 25], [620, 420], [70, 350]], np.float32)
    whole = np.array([[0, 0], [1280, 0], [1280, 720], [0, 720]], np.float32)
    picture = cv2.warpPerspective(screen, cv2.getPerspectiveTransform(whole, seen), (640, 480))
    return np.clip(0.6 * cv2.GaussianBlur(picture, (3, 3), 0) + 40 + rng.normal(0, 6, (480, 640)), 0, 255).astype(
        np.uint8
    )


def test_codes_are_read_in_every_form_a_picture_comes_in() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        t_ns = int(rng.integers(0, 10**15))
        code = t_ns // STEP_NS % STEPS
        screen = on_screen(t_ns)
        assert read_code(screen) == code
        assert read_code(np.repeat(screen[:, :, np.newaxis], 3, axis=2)) == code
        assert read_code(cv2.resize(screen, (640, 360), interpolation=cv2.INTER_AREA)) == code
        assert read_code(np.ascontiguousarray(screen[::-1, ::-1])) == code, "upside down"
        assert read_code(filmed(screen, rng)) in (code, None)
    assert read_code(filmed(on_screen(0), rng)) == 0


def test_torn_and_mixed_pictures_are_not_read() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        a, b = (on_screen(int(t)) for t in rng.integers(0, 10**15, 2))
        torn = a.copy()
        at = int(rng.integers(100, 1000))
        torn[:, at:] = b[:, at:]
        codes = {read_code(a), read_code(b)}
        assert read_code(torn) in codes | {None}
        torn = a.copy()
        torn[300:] = b[300:]
        assert read_code(torn) in codes | {None}
        assert read_code((a // 2 + b // 2).astype(np.uint8)) in codes | {None}
    assert read_code(rng.integers(0, 256, (480, 640), dtype=np.uint8)) is None
    assert read_code(np.zeros((48, 64), np.uint8)) is None


@pytest.mark.parametrize("delay_ms", [0.0, 0.1, 33.3, 40_000.0, -2.0])
def test_delays_are_told_across_the_end_of_the_count(delay_ms: float) -> None:
    for now_ns in (5 * 10**9, STEPS * STEP_NS * 7 + 1_000_000, 123_456_789_012_345):
        painted_ns = now_ns - round(delay_ms * 1e6)
        code = painted_ns // STEP_NS % STEPS
        assert delay_ns(code, now_ns) == pytest.approx(delay_ms * 1e6, abs=STEP_NS)
