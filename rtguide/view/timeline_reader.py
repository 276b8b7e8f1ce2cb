"""Reads what a timeline shows, in a thread of its own: soon a coarse look over all of it, then every frame."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import Clock
from rtguide.errors import RtguideError
from rtguide.model.status import Fault
from rtguide.opencv import cv2
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.slots import Latest
from rtguide.view.feed import Recorded

__all__ = ["COLUMNS", "THUMBNAILS", "TimelineData", "TimelineReader"]

COLUMNS = 4000
"""A timeline has as many columns as frames, this many at most: more than any screen has pixels."""

THUMBNAILS = 24
THUMBNAIL_PX = 180

AT_ONCE = 64
"""Frames that are looked at in one go, some 2 ms; between two goes the windows' threads have their turn."""

REST_S = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class TimelineData:
    """What is known so far. times_s: of each column's first frame · confidence: the mean, distance: the least, of the
    frames looked at, nan where none tells · alarm_level: the worst (`glance.ALARM_LEVELS`) · thumbnails: (seconds,
    picture), in order · is_complete: every frame was looked at.
    """

    times_s: NDArray[np.float64]
    confidence: NDArray[np.float64]
    distance_mm: NDArray[np.float64]
    distance_px: NDArray[np.float64]
    alarm_level: NDArray[np.uint8]
    first_needle: int | None = None
    thumbnails: tuple[tuple[float, NDArray[np.uint8]], ...] = ()
    is_complete: bool = False
    fault: str = ""


class TimelineReader:
    """Begins at once; `newest` tells how far it is."""

    def __init__(self, recorded: Recorded, clock: Clock) -> None:
        self._recorded = recorded
        count = recorded.frame_count
        self._columns = min(COLUMNS, count)
        self._times_s = np.array([recorded.time_s(self._first(column)) for column in range(self._columns)], np.float64)
        self._sums = np.zeros((2, self._columns))
        self._least = np.full((2, self._columns), np.inf)
        self._alarms = np.zeros(self._columns, np.uint8)
        self._first_needle: int | None = None
        self._thumbnails: list[tuple[float, NDArray[np.uint8]]] = []
        self._fault = ""
        self._is_complete = False
        self._found: Latest[TimelineData] = Latest()
        self._closing = threading.Event()
        self._clock = clock
        self._work = self._looks()
        self._loop = Loop("timeline", self._step, self._died, clock)
        self._loop.start()

    def newest(self) -> tuple[int, TimelineData | None]:
        """(generation, what is known); (0, None) at first."""
        return self._found.newest()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._loop.ask_to_stop()
        self._loop.join(2.0)

    def _first(self, column: int) -> int:
        return -(-column * self._recorded.frame_count // max(1, self._columns))

    def _step(self) -> bool:
        for _ in range(AT_ONCE):
            is_worth_it = next(self._work, None)
            if is_worth_it is None or self._closing.is_set():
                return False
            if is_worth_it:
                self._found.put(self._data())
                break
        return not self._closing.wait(REST_S)

    def _looks(self) -> Iterator[bool]:
        """Does the work bit by bit; true after the bits that are worth showing."""
        count = self._recorded.frame_count
        middles = [(self._first(c) + min(self._first(c + 1), count) - 1) // 2 for c in range(self._columns)]
        for column, index in enumerate(middles):
            self._take(column, index)
            yield column == self._columns - 1
        for place in range(min(THUMBNAILS, count)):
            self._take_thumbnail(round((place + 0.5) * count / min(THUMBNAILS, count) - 0.5))
            yield True
        for column in range(self._columns):
            for index in range(self._first(column), min(self._first(column + 1), count)):
                if index != middles[column]:
                    self._take(column, index)
                    yield False
            yield column % 200 == 199
        self._is_complete = True
        yield True

    def _take(self, column: int, index: int) -> None:
        glance = self._recorded.glance(index)
        if glance.confidence == glance.confidence:  # not nan
            self._sums[:, column] += (glance.confidence, 1.0)
        distances = np.array((glance.distance_mm, glance.distance_px))
        self._least[:, column] = np.fmin(self._least[:, column], distances)
        self._alarms[column] = max(int(self._alarms[column]), glance.alarm_level)
        if glance.is_needle and (self._first_needle is None or index < self._first_needle):
            self._first_needle = index

    def _take_thumbnail(self, index: int) -> None:
        try:
            scene = self._recorded.scene(index)
        except RtguideError as error:
            self._fault = str(error)
            return
        x0, y0, x1, y1 = scene.geometry.bounds_px()
        picture = scene.frame.pixels[max(0, y0) : y1, max(0, x0) : x1]
        scale = THUMBNAIL_PX / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._thumbnails.append((self._recorded.time_s(index), np.asarray(small, np.uint8)))

    def _data(self) -> TimelineData:
        with np.errstate(invalid="ignore"):
            confidence = self._sums[0] / self._sums[1]
        least = np.where(np.isinf(self._least), np.nan, self._least)
        return TimelineData(
            self._times_s,
            confidence,
            least[0],
            least[1],
            self._alarms.copy(),
            self._first_needle,
            tuple(self._thumbnails),
            self._is_complete,
            self._fault,
        )

    def _died(self, fault: Fault) -> None:
        self._fault = fault.text
        self._found.put(self._data())
