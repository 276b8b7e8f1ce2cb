"""`rtguide bench replay`: how long a jump takes in the replay window, and whether it plays at 60 Hz, overlays on.

From the wish (a click on the timeline) until the frame that was wished for is painted, in the real window.
"""
# ruff: noqa: PLC0415 - Qt is imported when it is needed

import gc
import os
import statistics
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rtguide.app.bench.machine import temporary_or
from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.app.recorded import open_recorded
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import RtguideError
from rtguide.model.scene import Scene
from rtguide.recording.writer import SessionWriter

if TYPE_CHECKING:
    from rtguide.view.replay_window import ReplayWindow

__all__ = ["ReplayReport", "measure_replay"]

RATE_HZ = 60
RECORDED_S = 10
JUMPS = 200
SETTLE_S = 1.0
"""Before anything is measured: the window appears."""

READ_WITHIN_S = 120.0
"""It is measured once the timeline has gone through the whole session, or after so long."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What came of it. jumps_ms: from the wish until it was painted · due: frames whose time came while it played ·
    painted: those of them that were on screen · gaps_ms: between two paints, while it played · is_read: the timeline
    had read everything before it was measured · jump_cpu_ms: processor time of a jump · cpu_ms, window_cpu_ms: of all
    threads, and of the window's, for each painted frame while it played · load: of the machine.
    """

    session: str
    frames: int
    rate_hz: float
    jumps_ms: tuple[float, ...]
    due: int
    painted: int
    gaps_ms: tuple[float, ...]
    is_read: bool
    jump_cpu_ms: float
    cpu_ms: float
    window_cpu_ms: float
    load: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def lines(self) -> tuple[str, str]:
        """In words."""
        jumps, gaps = sorted(self.jumps_ms), sorted(self.gaps_ms)
        behind = "" if self.is_read else ", while the timeline was still being read"
        return (
            f"{len(jumps)} jumps in {self.frames} frames{behind}: median {statistics.median(jumps):.1f} ms, 99 % "
            f"{jumps[int(0.99 * (len(jumps) - 1))]:.1f} ms, longest {jumps[-1]:.1f} ms until painted; processor time "
            f"of one {self.jump_cpu_ms:.1f} ms",
            f"played at {self.rate_hz:.0f}/s: {self.painted} of {self.due} frames painted; between two paints median "
            f"{statistics.median(gaps):.1f} ms, 99 % {gaps[int(0.99 * (len(gaps) - 1))]:.1f} ms, longest "
            f"{gaps[-1]:.1f} ms; processor time a painted frame {self.cpu_ms:.1f} ms, {self.window_cpu_ms:.1f} ms of "
            f"it in the window's thread; load average {self.load:.1f}",
        )


def measure_replay(session: Path | None, seconds: float) -> ReplayReport:
    """Jump and play. session: None for a simulated one of ten seconds at 60 Hz, which is recorded first.

    Raises
    ------
    RtguideError
        The session cannot be read.
    """
    if session is not None:
        return _measure(session, seconds)
    with temporary_or(None) as place:
        return _measure(_record(place), seconds)


def _record(place: Path) -> Path:
    clock, writer = ManualClock(), None
    source = open_source(f"sim:femoral?seed=1&fps={RATE_HZ}", clock, is_paced=False)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    try:
        for _ in range(RATE_HZ * RECORDED_S):
            frame = source.read(10.0)
            assert frame is not None
            scene = engine.process(frame)
            writer = writer or SessionWriter.create(place, scene, clock)
            writer.write_frame(frame)
            writer.write_scene(scene)
            clock.advance(1 / RATE_HZ)
    finally:
        source.close()
    assert writer is not None
    writer.close()
    return writer.folder


class _Watch:
    """Notes which frame was painted when."""

    def __init__(self) -> None:
        self.paints: list[tuple[int, float]] = []

    def __call__(self, scene: Scene) -> None:
        self.paints.append((scene.frame.seq, time.perf_counter()))


def _measure(session: Path, seconds: float) -> ReplayReport:
    from rtguide.view.application import application
    from rtguide.view.replay_window import ReplayWindow

    app = application()  # kept: Qt ends with the last reference
    recorded, watch = open_recorded(session), _Watch()
    gc.freeze()  # as the application does once things have settled
    try:
        window = ReplayWindow((recorded,), SystemClock(), watch)
        window.show()
        _run(SETTLE_S)
        is_read = _wait_until_read(window)
        rng = np.random.default_rng(8)
        cpu_s = time.process_time()
        jumps = [1000 * _jump(window, watch, int(index)) for index in rng.integers(0, recorded.frame_count, JUMPS)]
        jump_cpu_ms = 1000 * (time.process_time() - cpu_s) / len(jumps)
        played = _play(window, watch, seconds)
        window.close()
        _run(0.1)
        count = recorded.frame_count
        rate_hz = (count - 1) / recorded.time_s(count - 1) if count > 1 else 0.0
        return ReplayReport(
            recorded.name,
            count,
            rate_hz,
            tuple(jumps),
            played.due,
            played.painted,
            played.gaps_ms,
            is_read,
            jump_cpu_ms,
            1000 * played.cpu_s / max(1, played.painted),
            1000 * played.window_cpu_s / max(1, played.painted),
            os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        )
    finally:
        gc.unfreeze()
        recorded.close()
        app.processEvents()


def _run(seconds: float) -> None:
    """Let the window live for so long."""
    from rtguide.view.application import run_for

    run_for(seconds)


def _jump(window: "ReplayWindow", watch: _Watch, index: int) -> float:
    recorded = window.panes[0].recorded
    wanted, known, begin_s = recorded.seq(index), len(watch.paints), time.perf_counter()
    if window.panes[0].index == index:
        return 0.0
    window.go(recorded.time_s(index))
    while time.perf_counter() - begin_s < 10.0:
        _run(0.001)
        for seq, at_s in watch.paints[known:]:
            if seq == wanted:
                return at_s - begin_s
    raise RtguideError(f"frame {index} was not painted within ten seconds")


def _wait_until_read(window: "ReplayWindow") -> bool:
    """Whether the timeline has gone through the whole session."""
    begin_s = time.perf_counter()
    while time.perf_counter() - begin_s < READ_WITHIN_S:
        data = window.panes[0].timeline.data
        if data is not None and data.is_complete:
            return True
        _run(0.1)
    return False


@dataclass(frozen=True, slots=True)
class _Played:
    due: int
    painted: int
    gaps_ms: tuple[float, ...]
    cpu_s: float
    window_cpu_s: float


def _play(window: "ReplayWindow", watch: _Watch, seconds: float) -> _Played:
    """From the first frame on."""
    window.go(0.0)
    _run(0.3)
    seconds = min(seconds, window.panes[0].length_s - 0.1)
    known, first = len(watch.paints), window.panes[0].index
    window.actions_by_name["play"].trigger()
    cpu_s, window_cpu_s = time.process_time(), time.thread_time()
    _run(seconds)
    cpu_s, window_cpu_s = time.process_time() - cpu_s, time.thread_time() - window_cpu_s
    last = window.panes[0].index
    window.actions_by_name["play"].trigger()
    paints = watch.paints[known:]
    gaps = tuple(1000 * (later - earlier) for (_, earlier), (_, later) in pairwise(paints))
    return _Played(last - first, len({seq for seq, _ in paints}), gaps, cpu_s, window_cpu_s)
