"""Drawing ahead: in order, bounded, nothing begun that nobody wants, and every end told."""

import threading
from collections.abc import Callable

import pytest

from devices.simulated_ahead import DrawnAhead
from rtguide.errors import DeviceError, SourceEnded

FOREVER_S = 60.0


class Drawing:
    """Says what it began; waits with number `slow` until it may go on, fails at number `broken`."""

    def __init__(self, slow: int = -1, broken: int = -1) -> None:
        self.begun: list[int] = []
        self.is_slow, self.may_go_on = threading.Event(), threading.Event()
        self._slow, self._broken = slow, broken

    def __call__(self, index: int) -> str:
        self.begun.append(index)
        if index == self._slow:
            self.is_slow.set()
            assert self.may_go_on.wait(FOREVER_S)
        if index == self._broken:
            raise DeviceError("the phantom broke")
        return f"picture {index}"


def test_pictures_come_in_order_each_once_and_none_beyond_the_last() -> None:
    drawing = Drawing()
    ahead = DrawnAhead(drawing, ahead=2, count=5)
    assert [ahead.take(index) for index in range(5)] == [f"picture {index}" for index in range(5)]
    ahead.close()
    assert drawing.begun == [0, 1, 2, 3, 4]


def test_what_is_passed_over_is_not_begun() -> None:
    drawing = Drawing(slow=1)
    ahead = DrawnAhead(drawing, ahead=3, count=None)
    ahead.take(0)
    assert drawing.is_slow.wait(FOREVER_S)
    reader = _in_thread(lambda: ahead.take(20))
    _wait_until(lambda: 23 in [number for number, _ in tuple(ahead._waiting)])
    drawing.may_go_on.set()
    reader.join(FOREVER_S)
    ahead.close()
    assert drawing.begun[:3] == [0, 1, 20]
    assert max(drawing.begun) <= 23


def test_trouble_while_drawing_reaches_the_reader() -> None:
    ahead = DrawnAhead(Drawing(broken=13), ahead=0, count=None)
    with pytest.raises(DeviceError, match="the phantom broke"):
        ahead.take(13)
    assert ahead.take(14) == "picture 14"
    ahead.close()


def test_closing_ends_a_reader_who_waits_for_a_picture_that_is_not_begun() -> None:
    drawing = Drawing(slow=1)
    ahead = DrawnAhead(drawing, ahead=1, count=None)
    ahead.take(0)
    assert drawing.is_slow.wait(FOREVER_S)
    outcome: list[str] = []

    def wait() -> None:
        try:
            ahead.take(9)
        except SourceEnded as ended:
            outcome.append(str(ended))

    reader = _in_thread(wait)
    _wait_until(lambda: 10 in [number for number, _ in tuple(ahead._waiting)])
    closer = _in_thread(ahead.close)
    reader.join(FOREVER_S)
    assert outcome == ["the simulation was closed"]
    drawing.may_go_on.set()
    closer.join(FOREVER_S)
    ahead.close()
    assert drawing.begun == [0, 1]
    with pytest.raises(SourceEnded, match="was closed"):
        ahead.take(10)


def _in_thread(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run, name="rtguide-test")
    thread.start()
    return thread


def _wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(round(FOREVER_S * 100)):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")
