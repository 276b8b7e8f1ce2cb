"""Whether a structure pulsates: its area over the last seconds against a heart's beat and its overtone.

An artery widens with every beat by several per cent of its area; a vein or nerve beside it is pushed, but keeps its
own.
"""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from rtguide.model.structure import Pulse

__all__ = ["PulseWatch"]

Floats = NDArray[np.float64]

WINDOW_S, LEAST_S = 6.0, 4.0
"""Area is looked at over the last six seconds, once it was seen for four of them: four beats of a slow heart."""

EVERY_S = 0.5
"""How often a pulse is looked for."""

RATES_HZ = np.arange(0.6, 3.01, 0.04)
"""36 to 180 beats a minute."""

LEAST_SWING, LEAST_SHARE = 0.015, 0.45
"""Amplitude of the area at the beat, and the beat's share in all that the area does. On phantom clips arteries wider
than 4 mm have 0.034 to 0.053 and 0.57 to 0.93; veins, nerves and the rest no more than 0.01 wherever the share is."""

LEAST_RATE_HZ = 8.0
"""Pictures a second below which an upstroke falls between two of them."""


class PulseWatch:
    """Takes the area of one structure picture by picture.

    phase_s: several watches do not look in the same picture.
    """

    def __init__(self, phase_s: float = 0.0) -> None:
        self._samples: deque[tuple[float, float]] = deque()
        self._due_s, self._phase_s = -math.inf, phase_s
        self._pulse: Pulse | None = None

    def update(self, time_s: float, growth: float | None) -> Pulse | None:
        """The pulse now, or None where none is known. growth: area over that when marked; None: not seen."""
        if growth is None:
            if self._samples and time_s - self._samples[-1][0] > LEAST_S:
                self._samples.clear()
                self._pulse = None
            return None
        self._samples.append((time_s, growth))
        while time_s - self._samples[0][0] > WINDOW_S:
            self._samples.popleft()
        if time_s >= self._due_s:
            self._due_s = math.floor((time_s - self._phase_s) / EVERY_S + 1) * EVERY_S + self._phase_s
            self._pulse = pulse_in(np.array(self._samples))
        return self._pulse


def pulse_in(samples: Floats) -> Pulse | None:
    """The pulse in samples (n, 2) of time in seconds and area, or None."""
    span = samples[-1, 0] - samples[0, 0]
    if span < LEAST_S or len(samples) < LEAST_RATE_HZ * span:
        return None
    time, area = samples[:, 0] - samples[:, 0].mean(), samples[:, 1] / samples[:, 1].mean()
    area = _without_trend(time, area)
    energy = float((area * area).mean())
    if energy <= 0.0:
        return None
    # sums, not matrix products: those wake the threads of a linear algebra library, which costs milliseconds
    turns = np.exp(-2j * np.pi * RATES_HZ[:, None] * time)
    first, second = np.abs((turns * area).sum(axis=1)), np.abs((turns * turns * area).sum(axis=1))
    power = (first**2 + second**2) * 2.0 / len(area) ** 2
    at = int(power.argmax())
    swing, share = float(2.0 * first[at] / len(area)), min(1.0, float(power[at]) / energy)
    if swing < LEAST_SWING or share < LEAST_SHARE:
        return None
    return Pulse(_peak(power, at), swing, share)


def _without_trend(time: Floats, area: Floats) -> Floats:
    """Less the best parabola: its three parts are made orthogonal one by one."""
    slope = time - time.mean()
    bow = slope * slope
    bow = bow - bow.mean() - slope * ((bow * slope).sum() / (slope * slope).sum())
    area = area - area.mean()
    for part in (slope, bow):
        area = area - part * ((part * area).sum() / (part * part).sum())
    return area


def _peak(power: Floats, at: int) -> float:
    """Rate of a maximum between the rates looked at: a parabola."""
    step = float(RATES_HZ[1] - RATES_HZ[0])
    if not 0 < at < len(power) - 1:
        return float(RATES_HZ[at])
    bend = power[at - 1] + power[at + 1] - 2 * power[at]
    return float(RATES_HZ[at] + (0.5 * step * (power[at - 1] - power[at + 1]) / bend if bend < 0 else 0.0))
