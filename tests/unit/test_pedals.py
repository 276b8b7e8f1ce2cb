"""Short, long and double presses by their times; and the file that says what they do."""

from pathlib import Path

import pytest

from rtguide.app.pedals import read_pedals
from rtguide.errors import ConfigError
from rtguide.model.pedal import PedalMap
from rtguide.view.pedal_press import DOUBLE_NS, LONG_NS, Press, PressReader

MS = 1_000_000
STEP_MS = 20


def play(moves: list[tuple[int, bool]], *, has_double: bool = True, until_ms: int = 4000) -> list[tuple[int, Press]]:
    """Presses as (time in ms, what); moves: (time in ms, is_down), in order; time ticks every 20 ms."""
    reader = PressReader(has_double=has_double)
    said: list[tuple[int, Press]] = []
    left = list(moves)
    for ms in range(0, until_ms, STEP_MS):
        while left and left[0][0] <= ms:
            _, is_down = left.pop(0)
            press = reader.down(ms * MS) if is_down else reader.up(ms * MS)
            said += [(ms, press)] if press else []
        press = reader.tick(ms * MS)
        said += [(ms, press)] if press else []
    assert not reader.is_waiting
    return said


def test_a_short_press_waits_for_a_second_one_only_where_that_means_something() -> None:
    assert play([(100, True), (200, False)], has_double=False) == [(200, Press.SHORT)]
    ((when, what),) = play([(100, True), (200, False)])
    assert what is Press.SHORT
    assert 200 + DOUBLE_NS / MS <= when <= 200 + DOUBLE_NS / MS + STEP_MS


def test_two_quick_presses_are_one_double_and_no_short() -> None:
    assert play([(100, True), (200, False), (400, True), (500, False)]) == [(400, Press.DOUBLE)]
    slow = [(100, True), (200, False), (700, True), (800, False)]
    assert [press for _, press in play(slow)] == [Press.SHORT, Press.SHORT]


def test_a_long_press_is_said_while_the_foot_is_still_down_and_once() -> None:
    for has_double in (True, False):
        ((when, what),) = play([(100, True), (3000, False)], has_double=has_double)
        assert what is Press.LONG
        assert 100 + LONG_NS / MS <= when <= 100 + LONG_NS / MS + STEP_MS


def test_a_foot_that_rests_on_the_pedal_after_a_double_says_nothing_more() -> None:
    assert play([(100, True), (200, False), (400, True), (2500, False)]) == [(400, Press.DOUBLE)]


def test_a_press_that_ticks_missed_is_not_lost() -> None:
    reader = PressReader(has_double=True)
    reader.down(0)
    assert reader.up(LONG_NS) is Press.LONG, "nobody ticked meanwhile"
    reader.down(2000 * MS)
    reader.up(2100 * MS)
    assert reader.down(2100 * MS + DOUBLE_NS) is Press.SHORT, "the first one, before the second begins"


def test_what_was_begun_in_front_is_forgotten_behind() -> None:
    reader = PressReader(has_double=True)
    reader.down(0)
    reader.forget()
    assert reader.up(100 * MS) is None
    assert not reader.is_waiting


def test_a_file_holds_a_table_for_each_pedal(tmp_path: Path) -> None:
    path = tmp_path / "pedals.toml"
    path.write_text('[[pedals]]\nkey = "F13"\nlong = "inject"\n[[pedals]]\nkey = "F14"\nshort = "bookmark"\n')
    assert read_pedals(path) == (PedalMap("F13", long="inject"), PedalMap("F14", short="bookmark"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[pedals]]\nkey = "F13"\nshrt = "next"\n', r"unknown key 'shrt', did you mean 'short'\?"),
        ('[[pedals]]\nkey = "F13"\nshort = "advance"\n', "short = 'advance': give one of next, back"),
        ('[[pedals]]\nshort = "next"\n', "a pedal needs its key"),
        ("[[pedals]]\nkey = 13\n", "key = 13: give a text in quotes"),
        ('[[pedals]]\nkey = "F13"\n[[pedals]]\nkey = "f13"\n', "two pedals have the same key"),
        ('key = "F13"\n', r"write a table \[\[pedals\]\]"),
        ("[[pedals]", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "pedals.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says):
        read_pedals(path)
