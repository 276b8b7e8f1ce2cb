"""What tests of the replay window do and look at."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from fake_feed import FakeRecorded
from rtguide.recording.annotations import AnnotationKind
from rtguide.view.replay_window import ReplayWindow

MakeReplay = Callable[..., ReplayWindow]
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def shows(window: ReplayWindow, qtbot: QtBot, index: int, pane: int = 0) -> None:
    def is_there() -> bool:
        window.look()
        scene = window.panes[pane].canvas.shown.scene
        return scene is not None and scene.frame.seq == index

    qtbot.waitUntil(is_there, timeout=60_000)


def read(window: ReplayWindow, qtbot: QtBot) -> None:
    """Wait until every frame was looked at for the timelines."""

    def is_complete() -> bool:
        window.look()
        data = [pane.timeline.data for pane in window.panes]
        return all(one is not None and one.is_complete for one in data)

    qtbot.waitUntil(is_complete, timeout=60_000)


def at(window: ReplayWindow, seconds: float, pane: int = 0) -> QPoint:
    timeline = window.panes[pane].timeline
    return QPoint(round(timeline.view.x_of(seconds)), timeline.height() // 2)


def said(window: ReplayWindow) -> str:
    window.look()
    return window.bar.status.notice


def added(recorded: FakeRecorded) -> list[tuple[AnnotationKind, int, str]]:
    return [(one.kind, one.seq - FakeRecorded.FIRST_SEQ, one.text) for one in recorded.annotations.there]


def two(*, first: list[tuple[float, str]], second: list[tuple[float, str]]) -> tuple[FakeRecorded, FakeRecorded]:
    pair = FakeRecorded("first", 60), FakeRecorded("second", 80)
    for recorded, events in zip(pair, (first, second), strict=True):
        recorded.said = [{"t_ns": round(s * 1e9), "kind": kind} for s, kind in events]
    return pair
