"""Numbers over a serial line, through a pseudo-terminal: what a stimulator writes is what is read."""

import os
import pty
import tty
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from rtguide.app.plugins import open_side
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import SourceEnded
from rtguide.model.side import SideInfo, SideKind, SideSample
from rtguide.side_ports import SideChannel, SideItem

CLOCK = SystemClock()


def next_of(channel: SideChannel) -> SideItem:
    item, end_ns = None, CLOCK.now_ns() + 60_000_000_000
    while item is None:
        assert CLOCK.now_ns() < end_ns, "nothing came"
        item = channel.read(0.1)
    return item


@pytest.fixture
def stimulator() -> Iterator[SimpleNamespace]:
    """A serial line: what is written to `ours` comes out of the port `path`."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield SimpleNamespace(path=os.ttyname(theirs), say=lambda data: os.write(ours, data))
    os.close(ours)
    os.close(theirs)


def test_numbers_over_a_serial_line(stimulator: SimpleNamespace) -> None:
    channel = open_side(f"serial:{stimulator.path}?baud=19200&unit=mA&field=1", CLOCK)
    assert channel.info == SideInfo(SideKind.VALUES, f"serial:{stimulator.path}?baud=19200&unit=mA&field=1", "mA")
    assert channel.read(0.0) is None
    before_ns = CLOCK.now_ns()
    stimulator.say(b"\r\nch1 0,52 mA\r\nch1 -1.5e-1\nlead")
    stimulator.say(b"s off\n")
    items = [next_of(channel) for _ in range(3)]
    assert [item.value for item in items if isinstance(item, SideSample)] == [0.52, -0.15, "leads off"]
    assert all(before_ns < item.t_capture_ns <= CLOCK.now_ns() for item in items)
    channel.close()
    channel.close()
    with pytest.raises(SourceEnded):
        channel.read(0.1)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("0.5,12", [0.5, 12.0]),
        ("1,2,3", [1.0, 2.0, 3.0]),
        ("0,52 mA; 1,5", [0.52, 1.5]),
        ("current 0,52", [0.52]),
        (".5 -.25e1", [0.5, -2.5]),
    ],
)
def test_commas_separate_unless_they_can_only_be_decimal_ones(
    stimulator: SimpleNamespace, line: str, values: list[float]
) -> None:
    for field, value in enumerate(values):
        channel = open_side(f"serial:{stimulator.path}?field={field}", CLOCK)
        stimulator.say(f"\n{line}\n".encode())
        item = next_of(channel)
        assert isinstance(item, SideSample)
        assert item.value == value
        channel.close()


def test_the_rest_of_a_line_that_was_under_way_is_no_number(stimulator: SimpleNamespace) -> None:
    clock = ManualClock(1)
    channel = open_side(f"serial:{stimulator.path}", clock)
    stimulator.say(b"2.5\n3.5\n")  # of 12.5
    assert [item.value for item in (next_of(channel),) if isinstance(item, SideSample)] == [3.5]
    channel.close()
    channel = open_side(f"serial:{stimulator.path}", clock)
    clock.advance(0.06)
    stimulator.say(b"2.5\n")  # said after a silence: whole
    assert [item.value for item in (next_of(channel),) if isinstance(item, SideSample)] == [2.5]
    channel.close()
