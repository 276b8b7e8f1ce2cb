"""Walks through the simulated femoral block by keys, as `docs/user-guide.md` tells it, and takes its pictures.

`xvfb-run -a -s "-screen 0 1920x1080x24" python docs/pictures/make_guide_pictures.py` writes `guide-*.jpg` beside
itself. Another folder may be given, and the window's size and looks: `OUT --size 3840x2160 --stark`, on a screen of
that size, shows what a tired eye would see on a large screen in a light room.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from rtguide.app.block_plans import block_plans
from rtguide.app.compose import DEMO_ADDRESS, live_pipeline
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.overlays import Freshness
from rtguide.pipeline.live import LivePipeline
from rtguide.view.application import application
from rtguide.view.live_settings import LiveSettings
from rtguide.view.live_window import LiveWindow
from rtguide.view.theme import Looks, dress
from rtguide.view.workflow import Stage

LOOK_EVERY_MS, SETTLE_MS, GIVE_UP_MS = 40, 900, 420_000
ADDRESS = DEMO_ADDRESS.replace("fps=30", "fps=10")
"""The demo with fewer pictures a second: none is late on a machine that is busy elsewhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """Wait until it is time, then press keys, or take a picture of that name."""

    is_time: Callable[[], bool]
    keys: tuple[Qt.Key, ...] = ()
    picture: str = ""


class Walk:
    """Does one step after the other."""

    def __init__(self, window: LiveWindow, left: list[Step], out: Path) -> None:
        self._window, self._left, self._out = window, left, out
        self._clock = SystemClock()
        self._since_ns: int | None = None
        self.timer = QTimer()
        self.timer.timeout.connect(self.go_on)

    def go_on(self) -> None:
        """Do the next step if it is time; a picture waits until what was done is on screen."""
        if not self._left:
            self.timer.stop()
            self._window.close()
            return
        step = self._left[0]
        if not step.is_time() or (step.picture and not self._is_calm()):
            self._since_ns = None
            return
        self._since_ns = self._since_ns or self._clock.now_ns()
        if step.picture and self._clock.now_ns() - self._since_ns < SETTLE_MS * 1_000_000:
            return
        self._left.pop(0)
        self._since_ns = None
        if step.picture:
            self._window.grab().save(str(self._out / f"guide-{step.picture}.jpg"), "JPG", 84)
        for key in step.keys:
            target = QApplication.focusWidget() or self._window.focusWidget() or self._window
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(target, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))

    def _is_calm(self) -> bool:
        """No alarm stands and nothing is late: a busy machine must not be seen in the pictures."""
        shown = self._window.canvas.shown
        return shown.scene is None or (shown.sign is None and shown.freshness is Freshness.FRESH)


def main() -> int:
    """Walk through; 1 if it did not come to the end."""
    parser = argparse.ArgumentParser(description="Pictures of the user guide.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--size", default="1280x800", help="of the window, WIDTHxHEIGHT")
    parser.add_argument("--stark", action="store_true", help="high contrast, as in the settings")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    width, height = map(int, given.size.split("x"))
    for _ in warm_up():
        pass
    app = application()
    dress(app, Looks(is_stark=given.stark))
    feeds: list[LivePipeline] = []

    def open_feed(address: str) -> LivePipeline:
        feeds.append(live_pipeline(address))
        feeds[-1].start()
        return feeds[-1]

    with tempfile.TemporaryDirectory(prefix="rtguide-guide-") as folder:
        offers = (("Demo: femoral block", ADDRESS),)
        look_into = partial(open_source, clock=SystemClock(), is_paced=False)
        settings = LiveSettings(Path(folder), open_feed, offers, blocks=block_plans(), open_source=look_into)
        window = LiveWindow(None, SystemClock(), settings)
        window.resize(width, height)
        window.move(0, 0)
        window.show()
        window.activateWindow()
        left = _steps(window)
        walk = Walk(window, left, given.out)
        walk.timer.start(LOOK_EVERY_MS)
        QTimer.singleShot(GIVE_UP_MS, app.quit)
        app.exec()
        for feed in feeds:
            feed.close()
    return 1 if left else 0


def _steps(window: LiveWindow) -> list[Step]:
    enter = Qt.Key.Key_Return

    def at(stage: Stage) -> Callable[[], bool]:
        return lambda: window.procedure.now.stage is stage

    def has_scene() -> bool:
        return window.canvas.shown.scene is not None

    def shows_path() -> bool:
        fan = window.canvas.shown.fan
        return fan is not None and fan.chosen is not None

    def is_near() -> bool:
        scene = window.canvas.shown.scene
        far_mm = None if scene is None else scene.guidance.tip_to_target_mm
        return window.procedure.now.stage is Stage.GUIDE and far_mm is not None and far_mm < 6.5

    return [
        Step(lambda: window.start_page.tiles[0].has_picture, picture="start"),
        Step(lambda: True, (enter,)),
        Step(has_scene, (Qt.Key.Key_Y,)),
        Step(at(Stage.PLAN), (Qt.Key.Key_Right, enter, enter)),
        Step(at(Stage.PLAN), picture="plan"),
        Step(at(Stage.PLAN), (Qt.Key.Key_T, Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_Period)),
        Step(shows_path, picture="paths"),
        Step(at(Stage.PLAN), (Qt.Key.Key_T,)),
        Step(at(Stage.PLAN), (enter, enter)),
        Step(at(Stage.STOP), (enter, enter)),
        Step(at(Stage.STOP), picture="stop"),
        Step(at(Stage.STOP), (enter, enter)),
        Step(is_near, picture="needle"),
        Step(at(Stage.GUIDE), (Qt.Key.Key_1, enter, Qt.Key.Key_3)),
        Step(at(Stage.INJECT), picture="injecting"),
        Step(at(Stage.INJECT), (enter,)),
        Step(at(Stage.GUIDE), (Qt.Key.Key_Y,)),
        Step(at(Stage.DONE), picture="done"),
        Step(at(Stage.DONE), (enter,)),
    ]


if __name__ == "__main__":
    sys.exit(main())
