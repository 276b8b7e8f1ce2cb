"""Settings and memory: language, size, contrast, where the window stood; and what 'about' says."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from fake_feed import FakeFeed
from rtguide import RESEARCH_NOTICE, __version__
from rtguide.clock import ManualClock
from rtguide.model.guidance import Alarm, AlarmPriority, Guidance
from rtguide.overlays.shapes import Tone
from rtguide.view.live_window import LiveSettings, LiveWindow
from rtguide.view.preferences import Preferences, PreferenceStore
from rtguide.view.settings_dialog import AboutDialog, SettingsDialog
from rtguide.view.theme import Looks, dress, looks, scaled, screen_growth, tone_colour, touch_px
from synthetic_scenes import Wish
from window_looks import at, painted

pytestmark = pytest.mark.qt


@pytest.fixture(autouse=True)
def _usual_looks(qapp: QApplication):
    yield
    dress(qapp, Looks())


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


def window_with(memory: Path, clock: ManualClock, qtbot: QtBot) -> LiveWindow:
    window = LiveWindow(FakeFeed(at(clock)), clock, LiveSettings(memory.parent, memory=memory))
    window._timer.stop()
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    return window


def test_what_is_set_is_there_the_next_time(memory: Path, clock: ManualClock, qtbot: QtBot, qapp: QApplication) -> None:
    window = window_with(memory, clock, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_F10)
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    dialog.language.setCurrentIndex(2)
    dialog.text_size.setCurrentIndex(2)
    assert not looks().is_stark
    dialog.contrast.setChecked(True)
    assert looks() == Looks(1.0, is_stark=True), "contrast at once, size with the next window"
    dialog.reject()
    window.close()
    assert PreferenceStore(memory).read() == Preferences("de", Looks(1.5, is_stark=True))


def test_a_damaged_file_of_settings_is_said_and_does_no_harm(memory: Path) -> None:
    memory.write_text("[General]\ntext_scale=huge\nlanguage=de\n")
    store = PreferenceStore(memory)
    assert store.read() == Preferences()
    assert "usual settings are used" in store.trouble
    memory.write_text("[General]\nlanguage=tlh\n")
    store = PreferenceStore(memory)
    assert store.read() == Preferences()
    assert "tlh" in store.trouble


def test_the_window_comes_back_where_it_was_with_the_panels_it_had(
    memory: Path, clock: ManualClock, qtbot: QtBot
) -> None:
    place = QRect(60, 70, 1100, 700)
    is_large_enough = QGuiApplication.primaryScreen().availableGeometry().contains(place)
    first = window_with(memory, clock, qtbot)
    first.setGeometry(place)
    qtbot.waitUntil(lambda: first.geometry() == place, timeout=60_000)
    qtbot.keyClick(first, Qt.Key.Key_G)
    assert first.events.panel.isVisible()
    first.close()
    again = window_with(memory, clock, qtbot)
    found = again.size(), again.events.panel.isVisible(), again.sights.details
    again.close()
    assert found[1:] == (True, None)
    if is_large_enough:  # on a smaller screen, as without a display, Qt fits the window in
        assert found[0] == place.size()


def test_words_and_buttons_grow(memory: Path, clock: ManualClock, qtbot: QtBot, qapp: QApplication) -> None:
    def sizes(window: LiveWindow) -> tuple[int, int, int, int]:
        window.resize(1900, 1000)
        button = window.bar.findChildren(QToolButton)[0]
        panel = window.events.panel
        return (
            button.font().pixelSize(),
            button.minimumHeight(),
            panel.findChildren(QPushButton)[0].font().pixelSize(),
            panel.width(),
        )

    small = window_with(memory, clock, qtbot)
    before, unit = sizes(small), small.canvas.unit / small.canvas.height()
    small.close()
    dress(qapp, Looks(1.5))
    assert scaled(10) == 15
    large = window_with(memory, clock, qtbot)
    assert sizes(large) == pytest.approx([1.5 * size for size in before], rel=0.06)
    assert large.canvas.unit / large.canvas.height() == pytest.approx(1.5 * unit)
    assert touch_px(large) >= 1.45 * before[1]
    large.close()


def test_high_contrast_has_no_grey_and_keeps_the_alarms_colours(qapp: QApplication) -> None:
    usual = {tone: tone_colour(tone).name() for tone in Tone}
    dress(qapp, Looks(is_stark=True))
    stark = {tone: tone_colour(tone).name() for tone in Tone}
    for tone in (Tone.STRUCTURE, Tone.TEXT, Tone.MUTED):
        assert stark[tone] == "#ffffff"
    for tone in (Tone.ALARM_HIGH, Tone.ALARM_MEDIUM, Tone.ALARM_LOW):
        assert stark[tone] == usual[tone]
    palette = qapp.palette()
    assert palette.color(palette.ColorRole.Window).name() == "#000000"
    assert palette.color(palette.ColorRole.WindowText).name() == "#ffffff"


def test_about_has_versions_and_the_notice(memory: Path, clock: ManualClock, qtbot: QtBot) -> None:
    window = window_with(memory, clock, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    dialog = window.findChild(AboutDialog)
    assert dialog is not None
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for wanted in (RESEARCH_NOTICE, __version__, "PySide6-Essentials", "numpy", "BSD 3-clause"):
        assert wanted in text
    dialog.reject()
    window.close()


def test_settings_that_cannot_be_kept_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = PreferenceStore(tmp_path / "file" / "window.ini")
    store.write(Preferences("de"))
    assert "cannot be kept" in store.trouble


def test_the_message_keeps_its_room_when_words_are_twice_as_large(
    memory: Path, clock: ManualClock, qtbot: QtBot, qapp: QApplication
) -> None:
    """What an alarm says must be readable however narrow the picture is: its plate is a good part of the strip."""
    dress(qapp, Looks(2.0))
    window = window_with(memory, clock, qtbot)
    window.resize(900, 700)
    feed = window._feed
    assert isinstance(feed, FakeFeed)
    alarm = Alarm("tip_in_nerve", AlarmPriority.HIGH, "tip region inside nerve")
    feed.put(at(clock, Wish(guidance=Guidance(advice="hold", alarms=(alarm,)))))
    window.look()
    strip = painted(window)[: int(56 * window.canvas.unit)].astype(int)
    is_red = (strip[:, :, 0] > 200) & (strip[:, :, 1] < 90)
    assert is_red.any(axis=0).mean() > 0.95, "the line under the strip"
    assert is_red[: int(40 * window.canvas.unit)].any(axis=0).sum() > 200, "the plate of the words"
    window.close()


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((1280, 720), 1.0), ((1920, 1080), 1.0), ((1080, 1920), 1.0), ((2560, 1440), 4 / 3), ((3840, 2160), 2.0)],
)
def test_words_around_the_picture_grow_with_a_large_screen(size: tuple[int, int], wanted: float) -> None:
    assert screen_growth(*size) == pytest.approx(wanted)
    assert screen_growth(7680, 4320) == 2.0, "a wall of screens is no reason for letters of a hand's height"
