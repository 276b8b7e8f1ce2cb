"""Opens the windows: composes a feed for each, runs Qt until the user is done, and says how it ended.

Qt is imported when the feed has been started: its threads load the kernels and open the source meanwhile.
"""
# ruff: noqa: PLC0415

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from rtguide.app.agents import usual_agents
from rtguide.app.block_plans import block_plans
from rtguide.app.compose import DEMO_ADDRESS, live_pipeline
from rtguide.app.limits import read_limits, usual_limits
from rtguide.app.pedals import usual_pedals
from rtguide.app.plugins import connected, names, open_publisher, open_side, open_source
from rtguide.app.screen_calibrator import ScreenCalibrator
from rtguide.app.user_files import user_path
from rtguide.clock import SystemClock
from rtguide.kernels import cache_folder, is_cached
from rtguide.kernels.warmup import warm_up
from rtguide.model.status import SourceState
from rtguide.pipeline.live import LivePipeline
from rtguide.ports import FrameSource, Publisher
from rtguide.recording.study_log import StudyLog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from rtguide.view.previews import Offer

__all__ = ["PRE_ROLL_MB", "LiveRequest", "show_live", "show_replay", "show_start", "show_window"]


CANNOT_KEEP = "compiled kernels cannot be kept: every start takes minutes; rtguide doctor says which folder to mend"

PRE_ROLL_MB = 512
"""Memory for the seconds before a recording: about a minute of a large image region, several of a small one."""


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """What the bedside window opens.

    serve: the address at which its scenes are published, None for nowhere · limits: a file of alarm limits, None for
    the user's own · pre_roll_mb: memory for the seconds before a recording, 0 for none · sides: (name, address) of what
    is recorded beside the picture · study: the seed by which attempts are made with or without overlay, None without a
    study.
    """

    address: str
    record: Path | None = None
    mm_per_px: float | None = None
    serve: str | None = None
    limits: Path | None = None
    pre_roll_mb: int = PRE_ROLL_MB
    sides: tuple[tuple[str, str], ...] = ()
    study: int | None = None


def show_start() -> int:
    """The application at its start page; returns the exit code."""
    return _run_live(None)


def show_live(request: LiveRequest) -> int:
    """The bedside window on a source; returns the exit code.

    Raises
    ------
    RtguideError
        A path that cannot be opened, or an address that cannot be served: said before any window appears.
    """
    if request.address.partition(":")[0] not in names("devices"):
        open_source(request.address, SystemClock(), is_paced=True).close()
    if request.serve is None:
        return _run_live(request)
    with closing(open_publisher(request.serve, SystemClock())) as publisher:
        return _run_live(request, publisher)


def show_replay(sessions: tuple[Path, ...], is_retracked: bool = False) -> int:
    """The trainer's window on one or two sessions, as recorded or tracked anew; returns the exit code."""
    from rtguide.app.recorded import RecordedSession, open_recorded
    from rtguide.app.retrack import RetrackedSession, open_retracked
    from rtguide.view.progress import run_with_progress
    from rtguide.view.replay_window import ReplayWindow

    app = _application()
    recorded: list[RecordedSession | RetrackedSession] = []
    try:
        for path in sessions:
            if not is_retracked:
                recorded.append(open_recorded(path))
                continue
            anew = open_retracked(path)
            recorded.append(anew)
            if not run_with_progress(f"Tracking {path.name} anew", anew.steps):
                return 0
        _run(app, ReplayWindow(tuple(recorded), SystemClock()))
    finally:
        for session in recorded:
            session.close()
    return 0


def _run_live(request: LiveRequest | None, publisher: Publisher | None = None) -> int:
    app = None
    if not is_cached():
        from rtguide.view.progress import run_with_progress

        app = _application()
        if not run_with_progress("Compiling kernels, once for this version", warm_up):
            return 0
    limits = usual_limits() if request is None or request.limits is None else read_limits(request.limits)
    pre_roll_mb = PRE_ROLL_MB if request is None else request.pre_roll_mb
    blocks, pedals, agents = block_plans(), usual_pedals(), usual_agents()
    record_dir = _record_folder() if request is None or request.record is None else request.record
    study = None if request is None or request.study is None else StudyLog(record_dir, request.study)
    feeds: list[LivePipeline] = []

    def open_feed(address: str) -> LivePipeline:
        is_first = request is not None and not feeds
        scale = request.mm_per_px if request is not None and is_first else None
        feed = live_pipeline(address, scale, publisher, limits, pre_roll_mb * 1_000_000)
        for name, side in () if request is None else request.sides:
            feed.add_side(name, partial(open_side, side, SystemClock()))
        feed.start()
        feeds.append(feed)
        return feed

    feed = None if request is None else open_feed(request.address)
    if feed is not None and request is not None and request.record is not None:
        feed.start_recording(request.record)
    from rtguide.view.live_window import LiveSettings, LiveWindow

    app = app or _application()
    offers = (("Demo: femoral block", DEMO_ADDRESS), *_recent_sessions(record_dir))
    settings = LiveSettings(
        record_dir,
        open_feed,
        offers,
        limits,
        blocks,
        pedals,
        ScreenCalibrator(),
        agents,
        _look_into,
        connected_sources,
        study,
        _memory(),
        start_troubles(),
    )
    window = LiveWindow(feed, SystemClock(), settings)
    _run(app, window)
    return _how_it_ended(feeds)


def _application() -> "QApplication":
    """Qt's application as the user has set it."""
    from rtguide.view.application import application
    from rtguide.view.language import speak
    from rtguide.view.preferences import PreferenceStore
    from rtguide.view.theme import dress

    app = application()
    wanted = PreferenceStore(_memory()).read()
    dress(app, wanted.looks)
    speak(app, wanted.language)
    return app


def start_troubles() -> tuple[str, ...]:
    """What the window has to say before anything else: kernels or settings that cannot be kept."""
    from rtguide.view.preferences import PreferenceStore

    store = PreferenceStore(_memory())
    store.read()
    kernels = () if cache_folder() is not None else (CANNOT_KEEP,)
    return (*kernels, *((store.trouble,) if store.trouble else ()))


def _memory() -> Path:
    return user_path("window.ini")


def show_window(make: "Callable[[], QWidget]") -> None:
    """Run the application on one window that needs nothing else."""
    app = _application()
    _run(app, make())


def _run(app: "QApplication", window: "QWidget") -> None:
    """Show the window and run until it is closed; Ctrl-C in the terminal closes it too."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: window.close())
    from rtguide.view.application import run

    try:
        run(app, window)
    finally:
        signal.signal(signal.SIGINT, before)


def _how_it_ended(feeds: list[LivePipeline]) -> int:
    """1, with one line, if the last source failed; else 0."""
    if not feeds:
        return 0
    feeds[-1].close()
    source = feeds[-1].status().source
    if source.state is SourceState.FAILED:
        print(f"rtguide: {source.text}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _record_folder() -> Path:
    return platformdirs.user_documents_path() / "rtguide"


def _look_into(address: str) -> FrameSource:
    """A source for the start page's pictures; its first opening loads the kernels, in the caller's thread."""
    for _ in warm_up():
        pass
    return open_source(address, SystemClock(), is_paced=False)


def connected_sources() -> "list[Offer]":
    """The grabbers that are plugged in, as they open unasked."""
    from rtguide.view.previews import Offer

    return [Offer(listing.description.partition(":")[0], listing.address) for listing in connected()]


def _recent_sessions(folder: Path, count: int = 4) -> Iterator[tuple[str, str]]:
    """The newest session folders in the place where recordings go."""
    sessions = sorted(folder.glob("*/session.json"), reverse=True) if folder.is_dir() else []
    for path in sessions[:count]:
        yield f"Session {path.parent.name}", str(path.parent)
