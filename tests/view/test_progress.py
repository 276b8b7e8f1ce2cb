"""Long work in a thread, its progress in a window that never waits."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from rtguide.errors import ConfigError
from rtguide.view.progress import ProgressWindow, Step, run_with_progress

pytestmark = pytest.mark.qt


def test_the_window_shows_how_far_the_work_is_and_stays_awake(qtbot: QtBot) -> None:
    gates = [threading.Event(), threading.Event()]
    threads: list[str] = []

    def steps() -> Iterator[Step]:
        threads.append(threading.current_thread().name)
        yield "line kernels", 0, 2
        gates[0].wait(5.0)
        yield "motion kernels", 1, 2
        gates[1].wait(5.0)

    window = ProgressWindow("Compiling", steps)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "line kernels  (0 of 2)" in window.part.text(), timeout=60_000)
    assert not window.is_done
    gates[0].set()
    qtbot.waitUntil(lambda: "motion kernels  (1 of 2)" in window.part.text(), timeout=60_000)
    assert (window.bar.value(), window.bar.maximum()) == (1, 2)
    with qtbot.waitSignal(window.finished):
        gates[1].set()
    window.result()
    assert threads[0].startswith("rtguide-prepare")
    window.close()


def test_short_work_needs_no_window(qtbot: QtBot) -> None:
    done: list[int] = []

    def steps() -> Iterator[Step]:
        for number in range(3):
            yield "part", number, 3
            done.append(number)

    assert run_with_progress("Preparing", steps)
    assert done == [0, 1, 2]


def test_what_the_work_raises_comes_out(qtbot: QtBot) -> None:
    def steps() -> Iterator[Step]:
        yield "part", 0, 1
        raise ConfigError("no room for the kernel cache")

    with pytest.raises(ConfigError, match="no room"):
        run_with_progress("Preparing", steps)


@pytest.mark.parametrize("how", ["close", "button"])
def test_closing_the_window_or_its_button_gives_up_after_the_part_in_hand(qtbot: QtBot, how: str) -> None:
    gate = threading.Event()
    begun: list[int] = []

    def steps() -> Iterator[Step]:
        for number in range(3):
            begun.append(number)
            yield "part", number, 3
            gate.wait(5.0)

    window = ProgressWindow("Preparing", steps)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: begun == [0], timeout=60_000)
    qtbot.waitUntil(lambda: "part" in window.part.text(), timeout=60_000)
    if how == "close":
        window.close()
    else:
        window.cancel.click()
    with qtbot.waitSignal(window.finished):
        gate.set()
    assert window.is_given_up
    assert begun == [0, 1]
