"""Puts the parts together: sources, trackers, sinks, engines."""

from collections.abc import Sequence
from pathlib import Path

from rtguide.app.plugins import calibration_method, make_tracker, make_watch, open_source
from rtguide.app.profiles import KnownScreens, profile_folder, read_profiles
from rtguide.app.tracked_setup import needle_of, usual_setup
from rtguide.clock import Clock, SystemClock
from rtguide.kernels.warmup import warm_up
from rtguide.model.limits import AlarmLimits
from rtguide.model.scene import Scene
from rtguide.model.structure import Structure
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.pipeline.live import LiveParts, LivePipeline
from rtguide.ports import FrameSource, MarkedSource, PreRollSink, Publisher, Sink

__all__ = ["DEMO_ADDRESS", "build_engine", "known_marks", "live_pipeline"]

DEMO_ADDRESS = "sim:femoral?seed=1&fps=30"
"""The block that the demo shows."""


def build_engine(
    source: FrameSource, clock: Clock, mm_per_px: float | None = None, limits: AlarmLimits | None = None
) -> Engine:
    """An engine for this source, with the default tracker and region finder."""
    finder = KnownScreens(read_profiles(profile_folder()), calibration_method("image_region"))
    tracked = needle_of(usual_setup(), source, clock)
    parts = EngineParts(make_tracker(), finder, clock, mm_per_px, limits or AlarmLimits(), make_watch(), tracked)
    return Engine(source.info, source.geometry, parts)


def live_pipeline(
    address: str,
    mm_per_px: float | None = None,
    publisher: Publisher | None = None,
    limits: AlarmLimits | None = None,
    pre_roll_bytes: int = 0,
) -> LivePipeline:
    """A pipeline on this address, not yet started. Structures that the source knows of are marked from the start.

    publisher: sends its scenes out; it stays open when the pipeline is closed · limits: of the alarms ·
    pre_roll_bytes: for the seconds before a recording, 0 for none.
    """
    clock = SystemClock()

    def open_sink(directory: Path, scene: Scene) -> Sink:
        from rtguide.recording.writer import SessionWriter  # noqa: PLC0415 - not before somebody records

        return SessionWriter.create(directory, scene, clock)

    def pre_roll() -> PreRollSink:
        from rtguide.recording.pre_roll import PreRoll  # noqa: PLC0415 - the picture comes first

        return PreRoll(pre_roll_bytes)

    def open_when_warm() -> FrameSource:
        """Load the compiled kernels in the capture thread, while the window appears, and only then open the source."""
        for _ in warm_up():
            pass
        return open_source(address, clock, is_paced=True)

    return LivePipeline(
        LiveParts(
            open_source=open_when_warm,
            build_engine=lambda source: build_engine(source, clock, mm_per_px, limits),
            open_sink=open_sink,
            clock=clock,
            marks=known_marks,
            publisher=publisher,
            pre_roll=pre_roll if pre_roll_bytes else None,
        )
    )


def known_marks(source: FrameSource) -> Sequence[Structure]:
    """The structures that a simulation or a session knows of itself; none for any other source."""
    return source.structures() if isinstance(source, MarkedSource) else ()
