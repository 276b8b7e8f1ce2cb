"""How a running pipeline is: what the status line says. Counted by the pipeline, shown by the window."""

from dataclasses import dataclass, field
from enum import StrEnum

from rtguide.model.frame import SourceInfo
from rtguide.model.side import SideStatus

__all__ = [
    "DelayFigures",
    "Fault",
    "FrameCounts",
    "PipelineStatus",
    "RecordingState",
    "RecordingStatus",
    "SourceState",
    "SourceStatus",
    "SourceTiming",
]


class SourceState(StrEnum):
    """Where the source stands.

    opening: not open yet · running: frames come · quiet: open, but no frame for a while · interrupted: it says itself
    why nothing comes (no signal, unplugged, in use) and tries anew · ended: a recording is over · failed: it cannot
    go on. Where it is interrupted or failed the status text says why.
    """

    OPENING = "opening"
    RUNNING = "running"
    QUIET = "quiet"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    FAILED = "failed"


class RecordingState(StrEnum):
    """Where the recording stands; waiting: asked for, but the image region is not known yet."""

    OFF = "off"
    WAITING = "waiting for region"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class DelayFigures:
    """How long something took: of so many frames the median, 95th and 99th percentile and the longest, nanoseconds."""

    count: int
    median_ns: int
    p95_ns: int
    p99_ns: int
    longest_ns: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong and was survived. where: the loop · text: one line for the user · t_ns: host time."""

    where: str
    text: str
    t_ns: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The source's state, with a text for the user (why it failed, what is being opened); info from when it is open.

    warnings: what the source said at opening that a user must know, one line each.
    """

    state: SourceState
    text: str = ""
    info: SourceInfo | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frames since the source opened.

    received: read from the source · tracked: taken by the tracker · skipped: passed over by the tracker because a newer
    one was there · lost: gaps in the source's own numbering · late, duplicated, frozen: frames with that note ·
    out_of_order: numbered no higher than one before, and dropped.
    received = tracked + skipped + out_of_order (+ the one on its way).
    """

    received: int = 0
    tracked: int = 0
    skipped: int = 0
    lost: int = 0
    late: int = 0
    duplicated: int = 0
    frozen: int = 0
    out_of_order: int = 0


@dataclass(frozen=True, slots=True)
class SourceTiming:
    """How frames come, by the source's own clock where it has one.

    rate_hz: frames the source made in a second of its clock, those that were lost too; of the host's clock where it has
    none · jitter_ns: standard deviation of how late frames come; of the time between two, where it has no clock ·
    lag_ns: how much later they come now than they did at best; None where only the source's clock could tell ·
    is_lagging: that is more than a hiccup, or than two clocks that run apart.
    """

    rate_hz: float
    jitter_ns: float
    lag_ns: int | None = None
    is_lagging: bool = False


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """What goes to disk. folder: the session's · seconds, frames: written so far · lost: declared lost on the way.

    seconds_left: how much longer the disk has room, None while that is not known · trouble: why there is no recording
    although one was asked for; empty where there is none · reach_s: how much from before would be recorded if it began
    now, None where that is not kept · begins_ns: host time of the first frame that was kept from before, None where
    none was.
    """

    state: RecordingState = RecordingState.OFF
    folder: str = ""
    seconds: float = 0.0
    frames: int = 0
    lost: int = 0
    seconds_left: float | None = None
    trouble: str = ""
    reach_s: float | None = None
    begins_ns: int | None = None


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """A picture of the pipeline at one moment.

    rate_hz: measured rate of received frames, None before two came · timing: by the source's own clock, None at first ·
    painted_delay: from capture until the scene was on screen, over the last ten seconds or so, None at first ·
    served: to how many scenes go out, in words; empty where they are not · injecting_ns: since when somebody says that
    they inject, host monotonic; None while nobody does · sides: what comes beside the picture.
    """

    source: SourceStatus
    rate_hz: float | None = None
    counts: FrameCounts = field(default_factory=FrameCounts)
    recording: RecordingStatus = field(default_factory=RecordingStatus)
    served: str = ""
    faults: tuple[Fault, ...] = ()
    timing: SourceTiming | None = None
    painted_delay: DelayFigures | None = None
    injecting_ns: int | None = None
    sides: tuple[SideStatus, ...] = ()
