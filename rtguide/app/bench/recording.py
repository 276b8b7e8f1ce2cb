"""`rtguide bench recording`: an hour on this disk, faster than it lasts, closed properly and once as a kill leaves it.

Pictures of the simulated femoral block go through the session writer with their scenes; then the session is opened, its
video asked by other programs, and its last seconds torn, recovered, and asked again.
"""

import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from rtguide.app.bench.machine import resident_bytes, temporary_or
from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.app.recorded import open_recorded
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.geometry import RectRegion
from rtguide.model.scene import Scene
from rtguide.recording.layout import CHECKSUMS_NAME, FRAMES_NAME, SESSION_NAME, video_name
from rtguide.recording.session_lines import read_frame_lines
from rtguide.recording.writer import SessionWriter

__all__ = ["Opened", "RecordingJob", "RecordingReport", "measure_recording"]

RATE_HZ = 30
REGION_PX = (640, 480)
PICTURES = 60
"""So many are drawn and go round, forth and back: drawing an hour of them would take longer than the hour."""

JUMPS = 200
LANDS_WITHIN = 8
"""A player that is sent somewhere reads so many frames at most before it is there: cues lie 0.2 s apart."""

HEAD_BYTES = 4096
"""The first cluster lies within them; what closing a file changes lies before it."""


@dataclass(frozen=True, slots=True)
class RecordingJob:
    """minutes: of recording · folder: where to, None for a temporary place."""

    minutes: float = 60.0
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """How a session opened. open_s: until it was open, mending included · jumps_ms: to one random frame each, picture
    and scene, in the order asked · player_frames: how many frames FFmpeg read for each random place it was sent to ·
    probe: what ffprobe complained of, None where it is not installed · duration_s: by FFmpeg.
    """

    frames: int
    missing: int
    warnings: tuple[str, ...]
    open_s: float
    jumps_ms: tuple[float, ...]
    player_frames: tuple[int, ...]
    probe: str | None
    duration_s: float

    def text(self) -> str:
        """In one line."""
        jumps = sorted(self.jumps_ms)
        probe = "ffprobe not installed" if self.probe is None else f"ffprobe: {self.probe or 'no word of complaint'}"
        return (
            f"{self.frames} frames, {self.missing} missing, open after {self.open_s:.2f} s; {len(jumps)} jumps: median "
            f"{statistics.median(jumps):.1f} ms, longest {jumps[-1]:.1f} ms; FFmpeg is where it was sent after at most "
            f"{max(self.player_frames)} frames; {probe}"
        )


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """What came of it. took_s: to write it, closing included · resident_mb: at each tenth; empty where the system does
    not tell · closed, recovered: how it opened.
    """

    minutes: float
    frames: int
    declared_lost: int
    took_s: float
    close_s: float
    megabytes: float
    resident_mb: tuple[float, ...]
    closed: Opened
    recovered: Opened

    @property
    def growth_mb(self) -> float:
        """How much memory grew from the second tenth to the last."""
        return self.resident_mb[-1] - self.resident_mb[1] if len(self.resident_mb) > 2 else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "growth_mb": self.growth_mb}


def measure_recording(job: RecordingJob) -> RecordingReport:
    """Record, open, tear, recover; the folder stays as recovered where one was named.

    Raises
    ------
    RecordingError
        The disk refuses, or has no room for it.
    """
    with temporary_or(job.folder) as place:
        count = round(job.minutes * 60 * RATE_HZ)
        looks = _pictures()
        _check_room(place, count, looks)
        resident: list[float] = []
        begin_s = time.perf_counter()
        writer = _record(place, count, looks, resident)
        before = {name: (writer.folder / name).read_bytes() for name in (SESSION_NAME, CHECKSUMS_NAME)}
        head = _head(writer.folder)
        close_s = time.perf_counter()
        writer.close()
        done_s = time.perf_counter()
        closed = _opened(writer.folder)
        _tear(writer.folder, before, head)
        recovered = _opened(writer.folder)
        return RecordingReport(
            job.minutes,
            count,
            writer.ledger.declared_lost,
            done_s - begin_s,
            done_s - close_s,
            (writer.folder / video_name(1)).stat().st_size / 1e6,
            tuple(resident),
            closed,
            recovered,
        )


def _pictures() -> list[Scene]:
    """Scenes of the simulated block, tracked, whose image region is 640×480."""
    clock = ManualClock()
    source = open_source(f"sim:femoral?seed=1&fps={RATE_HZ}", clock, is_paced=False)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    scenes = []
    try:
        for _ in range(PICTURES):
            frame = source.read(10.0)
            assert frame is not None
            scene = engine.process(frame)
            x, y, _, _ = scene.geometry.bounds_px()
            scenes.append(replace(scene, geometry=replace(scene.geometry, region=RectRegion(x, y, *REGION_PX))))
    finally:
        source.close()
    return scenes


def _check_room(place: Path, count: int, scenes: list[Scene]) -> None:
    """No disk is filled by a benchmark."""
    need = count * (REGION_PX[0] * REGION_PX[1] // 2 + 10_000)
    free = shutil.disk_usage(place).free
    if free < 1.2 * need:
        raise RecordingError(
            f"{place}: {free // 10**9} GB are free, this takes up to {need // 10**9}: give another --out, or fewer "
            f"--minutes ({len(scenes)} pictures were drawn)"
        )


def _record(place: Path, count: int, scenes: list[Scene], resident: list[float]) -> SessionWriter:
    clock, writer = SystemClock(), None
    for seq in range(count):
        turn = seq % (2 * PICTURES)
        like = scenes[turn if turn < PICTURES else 2 * PICTURES - 1 - turn]
        now_ns = clock.now_ns()
        frame = Frame(seq, now_ns, seq * 1_000_000_000 // RATE_HZ, like.frame.pixels)
        scene = replace(like, frame=frame, t_tracked_ns=now_ns)
        writer = writer or SessionWriter.create(place, scene, clock)
        writer.write_frame(frame)
        writer.write_scene(scene)
        writer.write_painted(seq, clock.now_ns())
        if seq % (60 * RATE_HZ) == 30 * RATE_HZ:
            writer.write_event("bookmark")
        if seq % max(1, count // 10) == count // 10 - 1:
            resident.extend(size / 1e6 for size in (resident_bytes(),) if size is not None)
    assert writer is not None
    return writer


def _head(folder: Path) -> bytes:
    with (folder / video_name(1)).open("rb") as file:
        return file.read(HEAD_BYTES)


def _tear(folder: Path, before: dict[str, bytes], head: bytes) -> None:
    """Make the closed session what a kill in the middle of the last frame would have left of it."""
    for name, data in before.items():
        (folder / name).write_bytes(data)
    last = read_frame_lines(folder / FRAMES_NAME)[0][-1]
    with (folder / video_name(1)).open("r+b") as file:
        file.write(head)
        file.truncate(last.pos + last.length // 2)


def _opened(folder: Path) -> Opened:
    begin_s = time.perf_counter()
    recorded = open_recorded(folder)
    open_s = time.perf_counter() - begin_s
    rng = np.random.default_rng(8)
    try:
        places = [int(index) for index in rng.integers(0, recorded.frame_count, JUMPS)]
        jumps = []
        for index in places:
            begin_s = time.perf_counter()
            recorded.scene(index)
            jumps.append(1000 * (time.perf_counter() - begin_s))
        video = folder / video_name(1)
        times_s = [recorded.time_s(index) for index in places]
        with av.open(str(video)) as container:
            duration_s = (container.duration or 0) / 1e6
        return Opened(
            recorded.frame_count,
            recorded.missing_frames,
            tuple(text for text in recorded.warnings),
            open_s,
            tuple(jumps),
            tuple(_frames_to(video, times_s)),
            _probed(video),
            duration_s,
        )
    finally:
        recorded.close()


def _frames_to(video: Path, times_s: list[float]) -> Iterator[int]:
    """For each place, how many frames FFmpeg reads after seeking until it has the one that is shown then."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for time_s in times_s:
            container.seek(round(time_s / stream.time_base), stream=stream, backward=True)
            wanted, read = time_s - 0.5 / RATE_HZ, 0
            for packet in container.demux(stream):
                read += 1
                if packet.pts is None or float(packet.pts * stream.time_base) >= wanted:
                    break
            yield read


def _probed(video: Path) -> str | None:
    if shutil.which("ffprobe") is None:
        return None
    command = ["ffprobe", "-v", "warning", str(video)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
