"""The start page: a live picture of each source, what is connected, why nothing is seen; hidden it holds nothing."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.view import previews
from rtguide.view.previews import PREVIEW_PX, Offer, Previews
from rtguide.view.start_page import StartPage
from rtguide.view.theme import touch_px

pytestmark = pytest.mark.qt

PATIENCE_MS = 60_000


class Small:
    """Frames that become brighter; `last` is the number of frames, None for no end."""

    info = SourceInfo("small", SourceKind.LIVE, (120, 160), 30.0)
    geometry: ImageGeometry | None = None

    def __init__(self, last: int | None = None) -> None:
        self.count, self.last, self.is_closed = 0, last, False

    def read(self, timeout_s: float) -> Frame | None:
        if self.last is not None and self.count >= self.last:
            raise SourceEnded("over")
        self.count += 1
        return Frame(self.count, self.count, None, np.full((1080, 1920), min(255, 20 * self.count), np.uint8))

    def close(self) -> None:
        self.is_closed = True


class Machine:
    """What can be opened here, and what was."""

    def __init__(self) -> None:
        self.opened: dict[str, list[Small]] = {}
        self.taken: set[str] = set()
        self.broken: set[str] = set()
        self.there: list[Offer] = []

    def open(self, address: str) -> Small:
        if address in self.broken:
            raise ValueError("of a plug-in")
        if address in self.taken:
            raise DeviceError(f"{address} is in use by another program; close it")
        source = Small(1 if address.startswith("session") else None)
        self.opened.setdefault(address, []).append(source)
        return source

    def find(self) -> Sequence[Offer]:
        return tuple(self.there)

    @property
    def held(self) -> list[str]:
        return [address for address, sources in self.opened.items() for source in sources if not source.is_closed]


OFFERS = (Offer("Demo", "sim:femoral"), Offer("Session one", "session-one"))


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def page(qtbot: QtBot, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartPage]:
    monkeypatch.setattr(previews, "_EVERY_S", 0.01)
    page = StartPage(OFFERS, machine.open, machine.find)
    qtbot.addWidget(page)
    page.resize(1280, 660)
    with qtbot.waitActive(page, timeout=PATIENCE_MS):
        page.show()
        page.activateWindow()
    yield page
    page.close_previews()


def grey(page: StartPage, number: int) -> int:
    """The brightness in the middle of a tile's picture."""
    image = page.tiles[number].grab().toImage()
    return image.pixelColor(8 + PREVIEW_PX[0] // 2, 8 + PREVIEW_PX[1] // 2).lightness()


def test_tiles_show_what_is_seen_there_now(page: StartPage, qtbot: QtBot, machine: Machine) -> None:
    qtbot.waitUntil(lambda: all(tile.has_picture for tile in page.tiles), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: grey(page, 0) > 200, timeout=PATIENCE_MS)
    assert 15 <= grey(page, 1) <= 25, "the last picture of one that is over stays"
    assert [tile.text() for tile in page.tiles] == ["Demo", "Session one"]
    assert all(min(tile.width(), tile.height()) >= touch_px(page) for tile in page.tiles)


def test_a_device_that_is_plugged_in_comes_first_and_goes_again(
    page: StartPage, qtbot: QtBot, machine: Machine
) -> None:
    machine.there = [Offer("Cam Link", "grabber:0")]
    qtbot.waitUntil(lambda: [tile.text() for tile in page.tiles][:1] == ["Cam Link"], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: page.tiles[0].has_picture, timeout=PATIENCE_MS)
    machine.there = []
    qtbot.waitUntil(lambda: len(page.tiles) == 2, timeout=PATIENCE_MS)


def test_what_cannot_be_seen_says_why_until_it_can(page: StartPage, qtbot: QtBot, machine: Machine) -> None:
    machine.taken = {"grabber:0"}
    machine.there = [Offer("Cam Link", "grabber:0")]
    qtbot.waitUntil(lambda: "in use" in page.tiles[0].why, timeout=PATIENCE_MS)
    machine.taken = set()
    qtbot.waitUntil(lambda: page.tiles[0].has_picture, timeout=PATIENCE_MS)


def test_a_device_that_fails_in_its_own_way_says_so_and_the_others_go_on(
    page: StartPage, qtbot: QtBot, machine: Machine
) -> None:
    machine.broken = {"other:0"}
    machine.there = [Offer("Somebody's device", "other:0")]
    qtbot.waitUntil(lambda: page.tiles[0].why == "ValueError: of a plug-in", timeout=PATIENCE_MS)
    before = machine.opened["sim:femoral"][0].count
    qtbot.waitUntil(lambda: machine.opened["sim:femoral"][0].count > before + 1, timeout=PATIENCE_MS)


def test_what_is_chosen_is_opened_when_nothing_is_held_any_more(
    page: StartPage, qtbot: QtBot, machine: Machine
) -> None:
    qtbot.waitUntil(lambda: page.tiles[0].has_picture, timeout=PATIENCE_MS)
    held: list[list[str]] = []
    page.chosen.connect(lambda _: held.append(machine.held))
    with qtbot.waitSignal(page.chosen, timeout=PATIENCE_MS) as chosen:
        qtbot.mouseClick(page.tiles[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["session-one"]
    assert held == [[]]


def test_a_device_that_hangs_does_not_hold_the_choice_up(
    page: StartPage, qtbot: QtBot, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, hangs = threading.Event(), threading.Event()

    def hang(_: Small, timeout_s: float) -> None:
        hangs.set()
        goes_on.wait(60.0)

    monkeypatch.setattr(Small, "read", hang)
    qtbot.waitUntil(hangs.is_set, timeout=PATIENCE_MS)
    with qtbot.waitSignal(page.chosen, timeout=PATIENCE_MS):
        page.choose("sim:tap")
    goes_on.set()


def test_arrows_go_from_tile_to_tile_and_return_opens(page: StartPage, qtbot: QtBot) -> None:
    assert QApplication.focusWidget() is page.tiles[0]
    qtbot.keyClick(page.tiles[0], Qt.Key.Key_Right)
    assert QApplication.focusWidget() is page.tiles[1]
    with qtbot.waitSignal(page.chosen, timeout=PATIENCE_MS) as chosen:
        qtbot.keyClick(page.tiles[1], Qt.Key.Key_Return)
    assert chosen.args == ["session-one"]


def test_hidden_it_holds_nothing(page: StartPage, qtbot: QtBot, machine: Machine) -> None:
    qtbot.waitUntil(lambda: page.tiles[0].has_picture, timeout=PATIENCE_MS)
    page.hide()
    qtbot.waitUntil(lambda: not machine.held, timeout=PATIENCE_MS)


def test_without_anything_to_look_into_it_opens_at_once(qtbot: QtBot) -> None:
    page = StartPage(OFFERS)
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(page.chosen, timeout=PATIENCE_MS):
        page.choose("sim:femoral")


def test_a_real_recording_is_seen(tmp_path: Path, qtbot: QtBot) -> None:
    from rtguide.app.plugins import open_source  # noqa: PLC0415 - the app's way of opening
    from rtguide.clock import SystemClock  # noqa: PLC0415

    clip = Path(__file__).resolve().parents[2] / "recordings" / "femoral" / "video.mkv"
    looked = Previews((Offer("clip", str(clip)),), lambda a: open_source(a, SystemClock(), is_paced=False))
    qtbot.waitUntil(lambda: str(clip) in looked.newest, timeout=PATIENCE_MS)
    pixels = looked.newest[str(clip)].pixels
    assert pixels is not None
    assert pixels.shape[0] <= PREVIEW_PX[1]
    assert pixels.std() > 10
    looked.stop()
    looked.join(60.0)
    assert looked.is_closed
