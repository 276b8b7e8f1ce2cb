"""What is heard, and when: bursts of pulses by priority, ticks by distance; made of sines. No device, no Qt.

References
----------
IEC 60601-1-8:2006+A2:2020, tables 3 and 4, as described in secondary sources (the standard itself was not read, and
conformance is not claimed): high priority ten pulses in the rhythm 3 + 2, twice; medium three; low two; the lower the
priority the slower; a fundamental of 150 to 1000 Hz with four harmonics or more; high and medium are repeated.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rtguide.model.guidance import AlarmPriority

__all__ = ["SAMPLE_HZ", "Tone", "TonePlanner", "ToneWish", "seconds_of", "tick_every_s", "tone_samples"]

SAMPLE_HZ = 22050

_FUNDAMENTAL_HZ = 440.0
_HARMONICS = (1.0, 0.8, 0.6, 0.5, 0.4)
_RISE = 0.15
"""Of a pulse's length: the rise and the fall of its loudness."""

_PULSE_S = {AlarmPriority.HIGH: 0.12, AlarmPriority.MEDIUM: 0.2, AlarmPriority.LOW: 0.2}
_STARTS_S = {
    AlarmPriority.HIGH: (0.0, 0.22, 0.44, 0.78, 1.0, 1.7, 1.92, 2.14, 2.48, 2.7),
    AlarmPriority.MEDIUM: (0.0, 0.4, 0.8),
    AlarmPriority.LOW: (0.0, 0.4),
}
_PITCH = {AlarmPriority.HIGH: 1.5, AlarmPriority.MEDIUM: 1.0, AlarmPriority.LOW: 0.75}
_AGAIN_S = {AlarmPriority.HIGH: 7.0, AlarmPriority.MEDIUM: 12.0}
"""From the start of a burst to that of the next one, as long as nobody has acknowledged; low is heard once."""

_TICK_HZ, _TICK_S = 1500.0, 0.025
_TICK_NEAREST_S, _TICK_FARTHEST_S, _TICK_S_PER_MM = 0.1, 1.0, 0.045
"""Ticks come ten times a second at the outline, and once a second from 20 mm on."""

_LOUDNESS = 0.6
_ORDER = tuple(AlarmPriority)


class Tone(StrEnum):
    """What can be heard."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class ToneWish:
    """What should be heard now.

    alarm: the most important one that nobody has acknowledged · since_ns: when it was raised · distance_mm: of the tip
    from its target, None where it is not known or not wanted: then nothing ticks.
    """

    alarm: AlarmPriority | None = None
    since_ns: int = 0
    distance_mm: float | None = None


def tone_samples(tone: Tone) -> NDArray[np.int16]:
    """The whole sound, int16 (n,), mono at `SAMPLE_HZ`."""
    if tone is Tone.TICK:
        return _as_int16(_pulse(_TICK_HZ, _TICK_S, (1.0,)))
    priority = AlarmPriority(tone.value)
    starts, seconds = _STARTS_S[priority], _PULSE_S[priority]
    pulse = _pulse(_FUNDAMENTAL_HZ * _PITCH[priority], seconds, _HARMONICS)
    sound = np.zeros(round((starts[-1] + seconds) * SAMPLE_HZ) + 1)
    for start in starts:
        at = round(start * SAMPLE_HZ)
        sound[at : at + len(pulse)] += pulse
    return _as_int16(sound)


def seconds_of(tone: Tone) -> float:
    """How long it lasts."""
    if tone is Tone.TICK:
        return _TICK_S
    priority = AlarmPriority(tone.value)
    return _STARTS_S[priority][-1] + _PULSE_S[priority]


def tick_every_s(distance_mm: float) -> float:
    """From one tick to the next; inside the outline no faster than at it."""
    return min(_TICK_FARTHEST_S, _TICK_NEAREST_S + _TICK_S_PER_MM * max(0.0, distance_mm))


class TonePlanner:
    """Says what is to begin now. For one thread."""

    def __init__(self) -> None:
        self._alarm: tuple[AlarmPriority, int] | None = None
        self._burst_ends_ns = 0
        self._again_ns: int | None = None
        self._tick_ns = 0

    def next(self, wish: ToneWish, now_ns: int) -> Tone | None:
        """What begins now; None to leave everything as it is. An alarm silences the ticks while it sounds."""
        tone = self._burst(wish, now_ns)
        if tone is None and now_ns >= self._burst_ends_ns and wish.distance_mm is not None and now_ns >= self._tick_ns:
            tone = Tone.TICK
            self._tick_ns = now_ns + round(tick_every_s(wish.distance_mm) * 1e9)
        return tone

    def _burst(self, wish: ToneWish, now_ns: int) -> Tone | None:
        if wish.alarm is None:
            self._alarm = self._again_ns = None
            return None
        alarm, before = (wish.alarm, wish.since_ns), self._alarm
        is_louder = before is None or _ORDER.index(wish.alarm) < _ORDER.index(before[0])
        is_free = now_ns >= self._burst_ends_ns
        is_due = self._again_ns is not None and now_ns >= self._again_ns
        if not (is_louder or (is_free and (alarm != before or is_due))):
            return None
        tone = Tone(wish.alarm.value)
        self._alarm = alarm
        self._burst_ends_ns = now_ns + round(seconds_of(tone) * 1e9)
        again_s = _AGAIN_S.get(wish.alarm)
        self._again_ns = None if again_s is None else now_ns + round(again_s * 1e9)
        return tone


def _pulse(frequency_hz: float, seconds: float, harmonics: tuple[float, ...]) -> NDArray[np.float64]:
    """A tone with its overtones that rises and falls, no louder than 1."""
    t = np.arange(round(seconds * SAMPLE_HZ)) / SAMPLE_HZ
    wave = sum(a * np.sin(2 * np.pi * (n + 1) * frequency_hz * t) for n, a in enumerate(harmonics))
    rise = np.clip(np.minimum(t, seconds - t) / (_RISE * seconds), 0.0, 1.0)
    pulse: NDArray[np.float64] = rise * wave / sum(harmonics)
    return pulse


def _as_int16(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.round(np.clip(sound * _LOUDNESS, -1.0, 1.0) * 32767).astype(np.int16)
