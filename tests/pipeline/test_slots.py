import threading

import pytest

from rtguide.pipeline.slots import Fifo, Latest


def test_latest_gives_the_newest_and_counts_what_nobody_took() -> None:
    slot: Latest[int] = Latest()
    assert slot.newest() == (0, None)
    for value in (1, 2, 3):
        slot.put(value)
    assert slot.newest() == (3, 3)
    assert slot.skipped == 2
    slot.put(4)
    assert slot.newer(3, 0.0) == (4, 4)
    assert slot.newer(4, 0.0) is None
    assert slot.skipped == 2


def test_latest_wakes_a_waiting_reader() -> None:
    slot: Latest[str] = Latest()
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(slot.newer(0, 10.0)))
    reader.start()
    slot.put("frame")
    reader.join(10.0)
    assert got == [(1, "frame")]


def test_fifo_keeps_order_and_refuses_what_does_not_fit() -> None:
    queue: Fifo[int] = Fifo(2)
    assert [queue.put(value) for value in (1, 2, 3)] == [True, True, False]
    assert [queue.get(0.0), queue.get(0.0), queue.get(0.0)] == [1, 2, None]


@pytest.mark.parametrize("writers", [1, 4])
def test_fifo_loses_nothing_it_accepted(writers: int) -> None:
    queue: Fifo[tuple[int, int]] = Fifo(10_000)

    def write(who: int) -> None:
        for value in range(500):
            assert queue.put((who, value))

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [queue.get(0.0) for _ in range(500 * writers)]
    for who in range(writers):
        assert [item[1] for item in got if item is not None and item[0] == who] == list(range(500))


def test_what_nobody_will_take_any_more_was_skipped() -> None:
    latest: Latest[int] = Latest()
    latest.give_up()
    assert latest.skipped == 0
    latest.put(1)
    latest.give_up()
    latest.give_up()
    assert latest.skipped == 1
