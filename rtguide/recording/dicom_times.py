"""When each frame of a DICOM clip was taken."""

import math
from collections.abc import Sequence

from pydicom.dataset import Dataset

__all__ = ["FALLBACK_PERIOD_MS", "frame_times"]

FALLBACK_PERIOD_MS = 40.0
"""What a frame is taken to last where the file does not say: 25 frames/s."""

LONGEST_PERIOD_MS = 60_000.0
"""A frame that lasts longer than a minute is a damaged number."""

_FRAME_TIME, _FRAME_TIME_VECTOR = 0x00181063, 0x00181065
"""What the Frame Increment Pointer (0028,0009) may point to (PS3.3 C.7.6.6)."""


def frame_times(dataset: Dataset, count: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Nanoseconds from the first frame, always rising, and what had to be assumed.

    Of several statements the one that the Frame Increment Pointer names is taken, else Frame Time, Frame Time Vector,
    Cine Rate, Recommended Display Frame Rate, in this order.

    References
    ----------
    DICOM PS3.3 C.7.6.5 (Cine module), C.7.6.6 (Multi-frame module).
    """
    if count == 1:
        return (0,), ()
    steps_ms, warnings = _steps(dataset, count)
    times, elapsed_ms = [0], 0.0
    for step_ms in steps_ms:
        elapsed_ms += step_ms
        times.append(round(elapsed_ms * 1e6))
    return tuple(times), warnings


def _steps(dataset: Dataset, count: int) -> tuple[list[float], tuple[str, ...]]:
    """The count - 1 times from frame to frame, milliseconds."""
    vector = _numbers(dataset, "FrameTimeVector")
    frame_time = _numbers(dataset, "FrameTime")[:1]
    pointers = [int(tag) for tag in _many(dataset.get("FrameIncrementPointer")) if isinstance(tag, int)]
    is_vector_first = _FRAME_TIME_VECTOR in pointers or (_FRAME_TIME not in pointers and not frame_time)
    if vector and is_vector_first:
        return _from_vector(vector, count)
    if frame_time and _is_period(frame_time[0]):
        return [frame_time[0]] * (count - 1), ()
    if vector:
        return _from_vector(vector, count)
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate_hz = _numbers(dataset, keyword)[:1]
        if rate_hz and rate_hz[0] > 0 and _is_period(1000 / rate_hz[0]):
            return [1000 / rate_hz[0]] * (count - 1), ()
    text = f"it does not say when its frames were taken; {1000 / FALLBACK_PERIOD_MS:g} a second are assumed"
    return [FALLBACK_PERIOD_MS] * (count - 1), (text,)


def _from_vector(vector: list[float], count: int) -> tuple[list[float], tuple[str, ...]]:
    """The vector's increments; the first of them belongs to the first frame and is passed over."""
    steps = vector[1:count]
    good = [step for step in steps if _is_period(step)]
    usual = sum(good) / len(good) if good else FALLBACK_PERIOD_MS
    if len(good) == count - 1:
        return steps, ()
    wrong = count - 1 - len(good)
    full = [step if _is_period(step) else usual for step in steps] + [usual] * (count - 1 - len(steps))
    return full, (f"{wrong} of its {count - 1} frame times are missing or impossible; {usual:g} ms are assumed there",)


def _is_period(value_ms: float) -> bool:
    """Whether it can be the time from one frame to the next; at least a microsecond, so that times rise."""
    return 0.001 <= value_ms <= LONGEST_PERIOD_MS


def _numbers(dataset: Dataset, keyword: str) -> list[float]:
    """The finite numbers of an element; empty where it is absent or holds something else."""
    numbers = []
    for value in _many(dataset.get(keyword)):
        try:
            number = float(str(value))
        except (TypeError, ValueError):
            return []
        numbers.append(number if math.isfinite(number) else 0.0)
    return numbers


def _many(value: object) -> Sequence[object]:
    if value is None or isinstance(value, (str, bytes)):
        return () if not value else (value,)
    return list(value) if hasattr(value, "__iter__") else (value,)
