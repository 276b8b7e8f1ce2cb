"""Sound in the window: off at first, says why it is silent, waits for nothing, and is heard when it should be."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.errors import DeviceError
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.view import sound
from rtguide.view.sound import Loudspeaker, SoundDesk, SoundMode, open_loudspeaker
from rtguide.view.tones import Tone, ToneWish
from synthetic_scenes import Wish, scene
from window_looks import MakeWindow, at

pytestmark = pytest.mark.qt

PATIENCE_MS = 60_000
MakeDesk = Callable[[Callable[[], Loudspeaker]], SoundDesk]


class Heard:
    """Remembers what it was to play."""

    def __init__(self) -> None:
        self.tones: list[Tone] = []
        self.is_closed = False

    def play(self, tone: Tone) -> None:
        self.tones.append(tone)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def make_desk(clock: ManualClock, qapp: object) -> Iterator[MakeDesk]:
    parent, desks = QObject(), []

    def make(open_speaker: Callable[[], Loudspeaker]) -> SoundDesk:
        desks.append(SoundDesk(clock, parent, open_speaker))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def test_it_is_off_until_wanted_and_then_plays(make_desk: MakeDesk, qtbot: QtBot) -> None:
    heard = Heard()
    desk = make_desk(lambda: heard)
    desk.hear(ToneWish(AlarmPriority.HIGH, 1), None)
    assert desk.words() == ""
    assert not [t for t in threading.enumerate() if t.name == "rtguide-sound"]
    desk.next_mode()
    assert desk.words() == "sound: alarms"
    desk.hear(ToneWish(AlarmPriority.HIGH, 1), scene())
    qtbot.waitUntil(lambda: heard.tones == [Tone.HIGH], timeout=PATIENCE_MS)
    desk.next_mode()
    assert desk.mode is SoundMode.DISTANCE
    desk.next_mode()
    assert desk.words() == ""
    desk.close()
    assert heard.is_closed


def test_the_distance_is_heard_only_in_its_mode_and_as_it_is_seen(make_desk: MakeDesk, qtbot: QtBot) -> None:
    heard = Heard()
    desk = make_desk(lambda: heard)
    desk.next_mode()
    desk.hear(ToneWish(), scene())
    assert desk._player is not None
    assert desk._player.wish.distance_mm is None, "alarms alone"
    desk.next_mode()
    desk.hear(ToneWish(), None)
    assert desk._player.wish.distance_mm is None, "nothing that may be shown"
    unscaled = scene(Wish(spacing_mm=None))
    desk.hear(ToneWish(), unscaled)
    assert desk._player.wish.distance_mm is None, "no millimetres"
    desk.hear(ToneWish(), scene())
    assert desk._player.wish.distance_mm == scene().guidance.tip_to_target_mm
    qtbot.waitUntil(lambda: Tone.TICK in heard.tones, timeout=PATIENCE_MS)


def test_a_loudspeaker_that_fails_while_it_plays_is_said_and_opened_again(make_desk: MakeDesk, qtbot: QtBot) -> None:
    opened: list[Heard] = []

    class Broken(Heard):
        def play(self, tone: Tone) -> None:
            raise DeviceError("no sound: no loudspeaker (gone)")

    def open_next() -> Loudspeaker:
        opened.append(Heard() if opened else Broken())
        return opened[-1]

    desk = make_desk(open_next)
    desk.next_mode()
    desk.hear(ToneWish(AlarmPriority.HIGH, 1), scene())
    qtbot.waitUntil(lambda: desk.words() == "no sound: no loudspeaker", timeout=PATIENCE_MS)
    assert opened[0].is_closed
    qtbot.waitUntil(lambda: len(opened) > 1 and opened[1].tones == [Tone.HIGH], timeout=PATIENCE_MS)
    assert desk.words() == "sound: alarms"


def test_without_a_loudspeaker_it_says_so_and_tries_again(
    make_desk: MakeDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "_TRY_AGAIN_S", 0.01)
    heard, tries = Heard(), []

    def open_late() -> Loudspeaker:
        tries.append(1)
        if len(tries) < 3:
            raise DeviceError("no sound: no loudspeaker (ALSA: a long story)")
        return heard

    desk = make_desk(open_late)
    said: list[str] = []
    desk.next_mode()

    def is_heard() -> bool:
        said.append(desk.words())
        desk.hear(ToneWish(AlarmPriority.LOW, 5), None)
        return heard.tones == [Tone.LOW]

    qtbot.waitUntil(is_heard, timeout=PATIENCE_MS)
    assert len(tries) == 3
    assert set(said) <= {"sound: alarms", "no sound: no loudspeaker"}
    assert desk.words() == "sound: alarms"


def test_a_sound_system_that_hangs_holds_nothing_up(make_desk: MakeDesk) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    def open_never() -> Loudspeaker:
        hangs.set()
        goes_on.wait(60.0)
        return Heard()

    desk = make_desk(open_never)
    desk.next_mode()
    assert hangs.wait(60.0)
    desk.hear(ToneWish(AlarmPriority.HIGH, 1), None)
    player = desk._player
    assert player is not None
    player.close(timeout_s=0.01)
    assert player._thread.is_alive(), "left behind"
    goes_on.set()
    player._thread.join(60.0)
    desk.close()


def test_the_real_library_plays_into_nothing_and_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    speaker = open_loudspeaker()
    for tone in Tone:
        speaker.play(tone)
    speaker.close()
    monkeypatch.setenv("SDL_AUDIODRIVER", "there-is-none")
    with pytest.raises(DeviceError, match="no loudspeaker"):
        open_loudspeaker()


def test_one_key_in_the_window_and_an_acknowledged_alarm_is_silent(
    make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = Alarm("tip-inside", AlarmPriority.HIGH, "tip inside artery", "artery")
    window, feed = make_window(at(clock))
    heard = Heard()
    monkeypatch.setattr(window.desks.sound, "_open", lambda: heard)
    qtbot.keyClick(window, Qt.Key.Key_F2)
    assert "sound: alarms" in window.bar.status.text
    feed.put(at(clock, Wish(guidance=Guidance(advice="hold", alarms=(alarm,)))))
    window.look()
    qtbot.waitUntil(lambda: heard.tones == [Tone.HIGH], timeout=PATIENCE_MS)
    player = window.desks.sound._player
    assert player is not None
    assert player.wish.alarm is AlarmPriority.HIGH
    qtbot.keyClick(window, Qt.Key.Key_K)
    assert player.wish.alarm is None
    window.close()
    assert heard.is_closed
