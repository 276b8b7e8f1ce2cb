"""Takes a picture of the real window while it runs a source: `python docs/pictures/make_pictures.py OUT.png [SOURCE]`.

Needs a display (`xvfb-run -a -s "-screen 0 1920x1080x24"` makes one). The README's picture is
`make_pictures.py docs/pictures/window.png`: the simulated femoral block, marked, nine seconds in.
"""

import argparse
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from rtguide.app.compose import DEMO_ADDRESS, live_pipeline
from rtguide.clock import SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.view.application import application
from rtguide.view.live_window import LiveSettings, LiveWindow

LOOK_EVERY_MS = 20
GIVE_UP_MS = 120_000


def main() -> int:
    """Run the window until the source's own time has come and a tip is seen, take the picture, close."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("source", nargs="?", default=DEMO_ADDRESS)
    parser.add_argument("--seconds", type=float, default=9.0, help="when, in the source's own time")
    parser.add_argument("--size", default="1280x800", help="of the window")
    parser.add_argument("--mm-per-px", type=float)
    asked = parser.parse_args()
    for _ in warm_up():
        pass
    app = application()
    feed = live_pipeline(asked.source, asked.mm_per_px)
    window = LiveWindow(feed, SystemClock(), LiveSettings(Path.cwd()))
    width, height = (int(number) for number in asked.size.split("x"))
    window.resize(width, height)
    window.move(0, 0)
    window.show()
    feed.start()
    saved = []

    def look() -> None:
        scene = feed.latest_scene()[1]
        is_time = scene is not None and scene.frame.time_ns >= asked.seconds * 1e9
        if not saved and is_time and scene is not None and scene.tracking.needle.tip.is_seen:
            QTimer.singleShot(LOOK_EVERY_MS, save)
            saved.append(False)

    def save() -> None:
        is_on_screen = app.platformName() != "offscreen"
        picture = app.primaryScreen().grabWindow(window.winId()) if is_on_screen else window.grab()
        saved[0] = picture.save(str(asked.out))
        window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(LOOK_EVERY_MS)
    QTimer.singleShot(GIVE_UP_MS, window.close)
    app.exec()
    return 0 if saved == [True] else 1


if __name__ == "__main__":
    sys.exit(main())
