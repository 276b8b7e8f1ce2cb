"""When each frame of a tracked sequence was taken."""

import math
from itertools import pairwise

from rtguide.recording.sequence_header import SequenceHeader

__all__ = ["sequence_times"]

FALLBACK_PERIOD_S = 0.04
"""What a frame is taken to last where the file does not say: 25 frames/s."""


def sequence_times(header: SequenceHeader, count: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Nanoseconds from the first frame, always rising, and what had to be assumed."""
    stamps = [_stamp(header, index) for index in range(count)]
    steps = [
        late - early
        for early, late in pairwise(stamps)
        if early is not None and late is not None and 1e-6 <= late - early < 1e6
    ]
    usual_s = sum(steps) / len(steps) if steps else FALLBACK_PERIOD_S
    times, last_s, elapsed_s, wrong = [0], stamps[0], 0.0, 0
    for stamp in stamps[1:]:
        step = stamp - last_s if stamp is not None and last_s is not None else math.nan
        if 1e-6 <= step < 1e6:
            elapsed_s, last_s = elapsed_s + step, stamp
        else:
            elapsed_s, wrong = elapsed_s + usual_s, wrong + 1
            last_s = stamp if stamp is not None or last_s is None else last_s + usual_s
        times.append(round(elapsed_s * 1e9))
    if not wrong:
        return tuple(times), ()
    if wrong == count - 1:
        what = (
            "it does not say when its frames were taken" if header.has_time_axis else "its last axis is taken as time"
        )
        return tuple(times), (f"{what}; {1 / usual_s:g} frames a second are assumed",)
    return tuple(times), (
        f"{wrong} of its {count} time stamps are missing or do not rise; {usual_s:g} s are assumed there",
    )


def _stamp(header: SequenceHeader, index: int) -> float | None:
    """Seconds at which the recorder took the frame."""
    text = header.field(index, "Timestamp")
    try:
        value = float(text) if text is not None else header.index_values[index]
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) and abs(value) < 1e12 else None
