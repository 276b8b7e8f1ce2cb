"""Takes the picture of the replay window in docs/replay.md: `python docs/pictures/make_replay_picture.py OUT.jpg`.

Records half a minute of the simulated femoral block with events, adds a bookmark, a note and a drawing, opens it in the
real window and waits for its timeline. Needs a display (`xvfb-run -a -s "-screen 0 1920x1080x24"` makes one).
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rtguide.app.compose import DEMO_ADDRESS, build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.clock import ManualClock, SystemClock
from rtguide.recording.annotations import AnnotationKind
from rtguide.recording.writer import SessionWriter
from rtguide.view.application import application, run_for
from rtguide.view.replay_window import ReplayWindow

FRAMES, RATE_HZ = 900, 30
EVENTS = {
    230: ("aspirated clear", {}),
    300: ("injected", {"amount": 5.0, "unit": "ml"}),
    640: ("injected", {"amount": 3.0, "unit": "ml"}),
}
SHOWN_FRAME = 480
PATIENCE_S = 120.0
CIRCLE = (
    (640.0, 350.0),
    (600.0, 365.0),
    (590.0, 395.0),
    (620.0, 425.0),
    (680.0, 430.0),
    (725.0, 405.0),
    (715.0, 370.0),
)


def main() -> int:
    """Record, annotate, open, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1280x720", help="of the window")
    asked = parser.parse_args()
    width, height = (int(number) for number in asked.size.split("x"))
    app = application()
    with tempfile.TemporaryDirectory() as place:
        recorded = open_recorded(record(Path(place)))
        annotate(recorded)
        window = ReplayWindow((recorded,), SystemClock())
        window.resize(width, height)
        window.show()
        window.transport.set_loop((19.0, 24.0))
        waited_s = 0.0
        while waited_s < PATIENCE_S and not is_read(window):
            run_for(0.2)
            waited_s += 0.2
        window.go(recorded.time_s(SHOWN_FRAME))
        run_for(1.0)
        is_saved = window.grab().save(str(asked.out), quality=88)
        window.close()
        run_for(0.1)
        recorded.close()
    app.processEvents()
    return 0 if is_saved and waited_s < PATIENCE_S else 1


def record(place: Path) -> Path:
    """The block, tracked, with what somebody pressed."""
    clock, writer = ManualClock(1_700_000_000_000_000_000), None
    source = open_source(DEMO_ADDRESS, clock, is_paced=False)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    for number in range(FRAMES):
        frame = source.read(10.0)
        assert frame is not None
        scene = engine.process(frame)
        writer = writer or SessionWriter.create(place, scene, clock)
        writer.write_frame(frame)
        writer.write_scene(scene)
        if number in EVENTS:
            writer.write_event(*EVENTS[number])
        clock.advance(1 / RATE_HZ)
    source.close()
    assert writer is not None
    writer.close()
    return writer.folder


def annotate(recorded: RecordedSession) -> None:
    """What a trainer would add."""
    notes = recorded.annotations
    notes.add(AnnotationKind.BOOKMARK, recorded.seq(120))
    notes.add(AnnotationKind.NOTE, recorded.seq(390), "wait for the tip")
    notes.add(AnnotationKind.DRAWING, recorded.seq(SHOWN_FRAME), strokes_px=(CIRCLE,))


def is_read(window: ReplayWindow) -> bool:
    """Whether the timeline has everything."""
    data = window.panes[0].timeline.data
    return data is not None and data.is_complete


if __name__ == "__main__":
    sys.exit(main())
