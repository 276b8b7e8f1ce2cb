"""`rtguide bench latency`: how long a frame takes from capture to screen, in the real window, while it is recorded.

What it holds itself against: DESIGN's and every operator's wish that a picture is on screen within the period in which
it came, nothing is lost on the disk, memory stays what it was, and the window can be spoken to at any time.
"""
# ruff: noqa: PLC0415 - Qt is imported when the kernels are warm

import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.bench.machine import resident_bytes, temporary_or
from rtguide.app.bench.speed import resized, simulated
from rtguide.app.block_plans import block_plans
from rtguide.app.compose import live_pipeline
from rtguide.app.console import warm_up_kernels
from rtguide.clock import SystemClock
from rtguide.errors import RtguideError
from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.points import Points
from rtguide.model.status import DelayFigures, RecordingState, SourceState
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.pipeline.live import LivePipeline
from rtguide.recording.delays import Delays
from rtguide.recording.layout import Ledger, Part
from rtguide.recording.packing import FramePacker
from rtguide.recording.part_writer import PartWriter
from rtguide.recording.reader import open_session

__all__ = ["LatencyJob", "LatencyReport", "measure_latency"]

CLIP_SIZE = (1280, 720)
BLOCK = "femoral"
LARGE_CLIP, LARGE_PICTURE = (1920, 1080), (900, 818)
CLIP_RATE_HZ = 30.0
REPLAY = "replay:{}?preload=1&loop=1&fps=60"

SETTLED_S = 60
"""Memory is compared with that after the first minute."""

HELD_NS = 50_000_000
"""A window that does not answer for longer feels as if it hung."""

BEGIN_S = 16.0
"""By then the window has opened and `application.run` has told the collector of garbage what stays; a shorter run
listens from its middle on."""

MEMORY_OVER_S = 5
"""Memory is the median of so many seconds: the collector of garbage breathes."""


@dataclass(frozen=True, slots=True)
class LatencyJob:
    """address: None for a simulated clip of 1280×720 at 60 frames/s, and with every overlay of 1920×1080 with a
    picture of 900×818 in it · folder: where to record, None for a temporary place · window_px: (width, height) of the
    window, None for its own · has_everything: four structures are marked, somebody injects, paths and plots are shown.
    """

    address: str | None = None
    seconds: float = 60.0
    folder: Path | None = None
    window_px: tuple[int, int] | None = None
    has_everything: bool = False


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """What came of it.

    period_ns: between two frames · tracked, painted: from capture until the scene was complete, and on screen ·
    recorded_px: (width, height) of what was recorded · memory_bytes: resident, after the first minute and at the end;
    None where the run was shorter or the system does not tell · cpu_s: time of processors that this process took ·
    load: of the machine, at the start and the end · paint, paint_ran: what painting took, and how much of
    it its thread ran (the rest it waited for a processor or for other threads) · canvas_px: (width, height) it was
    painted at · held_ns, held: the longest time for which the window's thread was not to be spoken to, and how many
    times it was so for over 50 ms, both once it had settled.
    """

    address: str
    seconds: float
    period_ns: float
    tracked: DelayFigures
    painted: DelayFigures
    received: int
    lost: int
    skipped_by_tracker: int
    skipped_by_screen: int
    recorded_px: tuple[int, int]
    ledger: Ledger
    contradictions: tuple[str, ...]
    memory_bytes: tuple[int, int] | None
    cpu_s: float
    load: tuple[float, float]
    paint: DelayFigures
    paint_ran: DelayFigures
    canvas_px: tuple[int, int]
    held_ns: int
    held: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, and what is wished for beside what is."""
        wishes = [{"wish": text, "is": found, "met": is_met} for text, found, is_met in self.wishes()]
        return {**asdict(self), "wishes": wishes}

    def wishes(self) -> tuple[tuple[str, str, bool], ...]:
        """(what is wished for, what is, whether it is so)."""
        median, p99 = (ns / self.period_ns for ns in (self.painted.median_ns, self.painted.p99_ns))
        lost = self.ledger.declared_lost
        rows = [
            ("capture → painted, median ≤ 1 period", f"{median:.2f}", median <= 1),
            ("capture → painted, 99th percentile ≤ 2 periods", f"{p99:.2f}", p99 <= 2),
            ("frames lost on disk: 0", f"{lost} of {self.ledger.received}", lost == 0),
            ("the account adds up", "; ".join(self.contradictions) or "yes", not self.contradictions),
        ]
        held = f"longest {self.held_ns / 1e6:.0f} ms, {self.held} times over"
        rows.append(
            ("painting, 99th percentile ≤ 12 ms", f"{self.paint.p99_ns / 1e6:.1f} ms", self.paint.p99_ns <= 12e6)
        )
        rows.append(("window's thread never held over 50 ms", held, self.held_ns <= HELD_NS))
        if self.memory_bytes is not None:
            growth = self.memory_bytes[1] / self.memory_bytes[0] - 1
            rows.append(("memory within 3 % of the first minute's", f"{growth:+.1%}", growth <= 0.03))
        return tuple(rows)


@dataclass(slots=True)
class _Watch:
    """Looks at the pipeline once a second: begins the recording, marks a structure, notes the memory."""

    feed: LivePipeline
    folder: Path
    has_everything: bool = False
    is_marked: bool = False
    session: str = ""
    memory: list[int] = field(default_factory=list)

    def look(self) -> None:
        scene = self.feed.latest_scene()[1]
        if scene is not None and scene.is_region_known and not self.is_marked:
            self.is_marked = True
            marks = _spread(scene.geometry.bounds_px()) if self.has_everything else ()
            self.feed.mark((_middle(scene.geometry.bounds_px()), *marks), scene.frame)
            self.feed.set_injecting(is_injecting=self.has_everything)
        recording = self.feed.status().recording
        self.session = recording.folder or self.session
        if recording.state is RecordingState.OFF and not self.session:
            self.feed.start_recording(self.folder)
        size = resident_bytes()
        if size is not None:
            self.memory.append(size)


def measure_latency(job: LatencyJob) -> LatencyReport:
    """Run the window for so long, and say how it went.

    Raises
    ------
    RtguideError
        The source failed, or nothing was painted or recorded.
    """
    warm_up_kernels()
    with temporary_or(job.folder) as place:
        address = job.address or REPLAY.format(_simulated_clip(place, is_large=job.has_everything))
        return _run(replace(job, address=address), place)


def _run(job: LatencyJob, place: Path) -> LatencyReport:
    from rtguide.view.application import after, application, close_after, run
    from rtguide.view.heartbeat import Heartbeat
    from rtguide.view.live_window import LiveSettings, LiveWindow

    address, seconds, load = job.address or "", job.seconds, _load()
    app = application()
    clock = SystemClock()
    feed = live_pipeline(address)
    watch = _Watch(feed, place, job.has_everything)
    window = LiveWindow(feed, clock, LiveSettings(place, blocks=block_plans()))
    paints, runs, heartbeat, canvas_px = Delays(), Delays(), Heartbeat(window), (0, 0)
    held: list[tuple[int, int]] = []

    def each_second() -> None:
        nonlocal canvas_px
        watch.look()
        canvas_px = (window.canvas.width(), window.canvas.height())
        held.append((heartbeat.longest_ns, heartbeat.over(HELD_NS)))

    def painted(took_ns: int, ran_ns: int) -> None:
        paints.add(took_ns)
        runs.add(ran_ns)

    def settled() -> None:
        window.canvas.paint_took = painted
        heartbeat.begin()

    if job.window_px is not None:
        window.resize(*job.window_px)
    if job.has_everything:
        window.procedure.begin_or_finish()
        window.procedure.panel.choose(BLOCK)  # the paths' approach and needle
        window.procedure.go_back()
        for name in ("paths", "details"):
            window.actions_by_name[name].trigger()
    after(window, min(BEGIN_S, seconds / 2), settled)
    begin_s = time.process_time()
    feed.start()
    close_after(window, seconds, each_second)
    run(app, window)
    cpu_s = time.process_time() - begin_s
    feed.close()
    status, latencies = feed.status(), feed.latencies()
    if status.source.state is SourceState.FAILED:
        raise RtguideError(f"{address}: {status.source.text}")
    paint, paint_ran = paints.figures(), runs.figures()
    if (
        paint is None
        or paint_ran is None
        or latencies.tracked is None
        or latencies.painted is None
        or status.timing is None
        or not watch.session
    ):
        found = "; ".join(fault.text for fault in status.faults) or "the run may have been too short"
        raise RtguideError(f"{address}: nothing was painted, or nothing recorded: {found}")
    session = open_session(Path(watch.session))
    box, ledger = session.head.parts[-1].region_px, session.head.ledger or Ledger()
    contradictions = session.warnings + (() if len(session) == ledger.written else ("frames are missing",))
    session.close()
    return LatencyReport(
        address,
        seconds,
        1e9 / status.timing.rate_hz,
        latencies.tracked,
        latencies.painted,
        status.counts.received,
        status.counts.lost,
        status.counts.skipped,
        latencies.skipped_by_screen,
        (box.width, box.height),
        ledger,
        contradictions,
        _first_and_last(watch.memory),
        cpu_s,
        (load, _load()),
        paint,
        paint_ran,
        canvas_px,
        *held[-1],
    )


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _simulated_clip(folder: Path, *, is_large: bool) -> Path:
    """A few seconds of the simulated femoral block, lossless; its needle comes in and is followed.

    is_large: 1920×1080 with a picture of 900×818 in its middle, as a scanner's screen has it.
    """
    pictures, packer, writer = (
        resized(simulated(), LARGE_PICTURE if is_large else CLIP_SIZE).pictures,
        FramePacker(),
        None,
    )
    for seq, small in enumerate(pictures):
        picture = _framed(small) if is_large else small
        time_ns = round(seq * 1e9 / CLIP_RATE_HZ)
        packed = packer.pack(Frame(seq, time_ns, time_ns, picture), ImageGeometry.whole_frame(picture.shape[:2]))
        if writer is None:
            writer = PartWriter(folder, Part(1, packed.box, packed.is_grey, seq), packed.track, CLIP_RATE_HZ)
        writer.write(packed, round(time_ns / 1000))
    assert writer is not None
    writer.close()
    return folder / "video.mkv"


def _framed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture in the middle of a dark 1920×1080 screen."""
    height, width = picture.shape[:2]
    screen = np.zeros((LARGE_CLIP[1], LARGE_CLIP[0]), np.uint8)
    top, left = (LARGE_CLIP[1] - height) // 2, (LARGE_CLIP[0] - width) // 2
    screen[top : top + height, left : left + width] = picture
    return screen


def _spread(bounds_px: tuple[int, int, int, int]) -> tuple[Structure, ...]:
    """What else can be marked: vessels to keep out of, a plane to reach, a line to keep away from."""
    left, top, right, bottom = bounds_px
    width, height = right - left, bottom - top

    def box(x: float, y: float) -> Points:
        return box_outline(left + x * width, top + y * height, width / 9, height / 9)

    def line(y: float) -> Points:
        return tuple((left + x * width, top + y * height) for x in (0.2, 0.5, 0.8))

    return (
        Structure("artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID, box(0.15, 0.5)),
        Structure("vein", StructureKind.STRUCTURE, Tissue.VEIN, Role.AVOID, box(0.7, 0.4)),
        Structure("fascia", StructureKind.PLANE, Tissue.OTHER, Role.TARGET, line(0.62)),
        Structure("pleura", StructureKind.LINE, Tissue.PLEURA, Role.AVOID, line(0.85)),
    )


def _middle(bounds_px: tuple[int, int, int, int]) -> Structure:
    """A structure to follow: a nerve's size, in the middle of the region."""
    left, top, right, bottom = bounds_px
    width, height = (right - left) / 8, (bottom - top) / 12
    box = box_outline((left + right - width) / 2, (top + bottom - height) / 2, width, height)
    return Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box)


def _first_and_last(memory: list[int]) -> tuple[int, int] | None:
    """After the first minute, and at the end."""
    if len(memory) < SETTLED_S + 2 * MEMORY_OVER_S:
        return None
    first, last = memory[SETTLED_S : SETTLED_S + MEMORY_OVER_S], memory[-MEMORY_OVER_S:]
    return sorted(first)[MEMORY_OVER_S // 2], sorted(last)[MEMORY_OVER_S // 2]
