"""When a line is a needle: log-odds picture by picture, summed up in a sequential test."""

import math

import numpy as np

from rtguide.tracking.needle_shaft import Measured

__all__ = ["LockTest", "log_odds", "steady_advance_mm"]

WINDOW_S = 1.2
"""How far back the advance of an end is judged: longer than the slowest needle takes for the distance."""

SURE_DEVIATION_MM = 0.6
"""An end whose place is known worse does not count."""

JUMP_MM = 1.2
"""From one picture to the next a needle does not go so far: 30 mm/s at 25 pictures a second."""

LEAST_PICTURES = 5
"""Pictures in which the end must have been followed without a gap."""

STEADY_SHARE = 0.7
"""Share of the way an end went that must be forward."""

LEAST_ADVANCE_MM, LEAST_LENGTH_MM, LEAST_CONTRAST, LEAST_SHARE = 0.4, 3.0, 5.0, 0.35
"""Without these a line is not judged at all."""

LEAST_LOOK = -4.0
"""Nor one that looks so little like a needle: of a needle's pictures nine in ten look better."""

INTERCEPT, NEWS, FRESH, BENT, ADVANCE, GLARE, UNREST = 2.23, 2.22, 0.95, -11.61, 1.22, -3.15, -0.46
"""Weights of the log-odds, by logistic regression: 35 phantom clips of every kind and needle-free real clips, each
clip left out once. New all along (news) and at its end (fresh) speaks for a needle, crooked or
glaring brightness against."""

UNLIKE = 1.3
"""Weight of a look that speaks against a needle, chosen, not fitted: the look was fitted on its own."""

STILL_UNREST = 0.05
"""Below this nothing in the picture changes but what is moved in it: there a short advance proves a needle."""

STILL_FRESH, STILL_STRAIGHT_MM, STILL_CONTRAST, STILL_STEP, STILL_LENGTH_MM = 2.0, 0.25, 12.0, 1.0, 8.0
"""What a shaft that lay in a still picture from the start must show."""

NEW_END_FRESH, NEW_END_NEWNESS = 2.8, 5.0
"""Deviations of newness of the last 2 mm, and log-likelihood ratio of the newness, for an end that is new."""

STILL_ADVANCING_GAIN, STILL_NEW_GAIN = 1.5, 0.5
"""What such a picture adds to the sequential test: two suffice with an advance, six with a new end."""

DRIFT, MOST_A_PICTURE, ENOUGH = 1.0, 2.0, 3.0
"""The sequential test: log-odds over `DRIFT` add up, at most so much a picture, to `ENOUGH` (at least two pictures).

References
----------
Page, Biometrika 41, 1954 (cumulative sums).
"""


LOOK_DRIFT, MOST_LOOK, LOOK_ENOUGH, LOOK_S = 3.5, 1.0, 4.0, 0.2
"""The same for the look alone, which changes little from picture to picture: stricter, and over a time."""


def steady_advance_mm(history: list[Measured], cell_mm: float) -> float:
    """How far the end has steadily advanced through the tissue within the window; 0 where it was not steady."""
    now = history[-1]
    recent: list[float] = []
    for measured in reversed(history):
        place = measured.travelled * cell_mm
        is_old, is_unsure = now.time_s - measured.time_s > WINDOW_S, measured.deviation * cell_mm > SURE_DEVIATION_MM
        if is_old or is_unsure or (recent and abs(place - recent[-1]) > JUMP_MM):
            break
        recent.append(place)
    if len(recent) < LEAST_PICTURES:
        return 0.0
    places = np.array(recent[::-1])
    steps = np.abs(np.diff(places))
    low = int(np.argmin(places[:-2]))
    way = float(steps[low:].sum())
    if way <= 0.0 or places[-1] - places[low] < STEADY_SHARE * way:
        return 0.0
    # The lowest and the newest place are single measurements: half of what they add over their neighbours is noise.
    return float(0.5 * (places[-1] + places[-2]) - 0.5 * (places[low] + places[low + 1]))


def log_odds(measured: Measured, advance_mm: float, unrest: float) -> float:
    """Log-odds that a line whose end has advanced is a needle, as this picture shows it."""
    return (
        INTERCEPT
        + NEWS * min(max(measured.news, -1.0), 2.5)
        + FRESH * min(max(measured.fresh, -1.0), 4.0)
        + BENT * min(max(measured.straight_mm, 0.05), 0.4)
        + ADVANCE * math.log(min(max(advance_mm, 0.3), 3.0))
        + GLARE * min(max(measured.level, 2.0), 4.0)
        + UNREST * math.log(min(max(unrest, 0.02), 2.0))
        + UNLIKE * min(max(measured.look, -4.0), 0.0)
    )


def _is_needle_in_still_picture(measured: Measured, unrest: float, cell_mm: float) -> bool:
    return (
        unrest < STILL_UNREST
        and measured.contrast > STILL_CONTRAST
        and measured.end * cell_mm > STILL_LENGTH_MM
        and measured.fresh > STILL_FRESH
        and measured.straight_mm < STILL_STRAIGHT_MM
        and measured.strength - max(measured.ahead, 0.0) > STILL_STEP
    )


def _has_new_end(measured: Measured, cell_mm: float) -> bool:
    """Whether the end was not there when the background was learnt: an advance remembered, not followed."""
    is_sure = measured.deviation * cell_mm <= SURE_DEVIATION_MM
    return is_sure and measured.fresh > NEW_END_FRESH and measured.newness > NEW_END_NEWNESS


class LockTest:
    """The sequential test of one line. hint: log-odds that its source, or a person, adds to those of every picture."""

    def __init__(self, cell_mm: float, hint: float = 0.0) -> None:
        self._cell_mm = cell_mm
        self.hint = hint
        self.sum = 0.0
        self.look_sum = 0.0
        self.advance_mm = 0.0

    def update(self, history: list[Measured], unrest: float, is_inside: bool, may_look: bool = True) -> bool:
        """Take the newest picture in; whether the line is a needle.

        is_inside: it ends before the picture does · may_look: whether its look alone may prove it.
        """
        now = history[-1]
        self.advance_mm = steady_advance_mm(history, self._cell_mm)
        is_judged = (
            is_inside
            and now.end * self._cell_mm >= LEAST_LENGTH_MM
            and now.contrast >= LEAST_CONTRAST
            and now.share >= LEAST_SHARE
            and now.look >= LEAST_LOOK
        )
        gain = -MOST_A_PICTURE
        is_still = is_judged and _is_needle_in_still_picture(now, unrest, self._cell_mm)
        if is_judged and self.advance_mm >= LEAST_ADVANCE_MM:
            gain = log_odds(now, self.advance_mm, unrest) + self.hint - DRIFT
            if is_still:
                gain = max(gain, STILL_ADVANCING_GAIN)
        elif is_still and _has_new_end(now, self._cell_mm):
            gain = STILL_NEW_GAIN
        self.sum = max(0.0, self.sum + min(max(gain, -MOST_A_PICTURE), MOST_A_PICTURE))
        looks = now.look + self.hint - LOOK_DRIFT if is_judged and may_look else -MOST_A_PICTURE
        self.look_sum = max(0.0, self.look_sum + min(max(looks, -MOST_A_PICTURE), MOST_LOOK))
        watched_s = now.time_s - history[0].time_s
        return self.sum >= ENOUGH or (self.look_sum >= LOOK_ENOUGH and watched_s >= LOOK_S)
