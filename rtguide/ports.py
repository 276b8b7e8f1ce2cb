"""The shapes of what can be plugged in. `app` finds the parts by entry point and hands them down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import Clock
from rtguide.model.address import SourceAddress
from rtguide.model.calibration import Calibration
from rtguide.model.frame import Frame, SourceInfo
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleHint, NeedleState
from rtguide.model.scene import Scene, Tracking
from rtguide.model.steering import HandState, Nudge, Push
from rtguide.model.structure import Structure

__all__ = [
    "CalibrationMethod",
    "Device",
    "DeviceListing",
    "EventSink",
    "FrameSource",
    "FrameTruth",
    "Hands",
    "HintedTracker",
    "LostWhy",
    "MarkedSource",
    "OpenContext",
    "PaintedSink",
    "Painter",
    "PreRollSink",
    "Publisher",
    "SeekableSource",
    "Sink",
    "SteeredSource",
    "Tracker",
    "TroubledSource",
    "TruthSink",
    "TruthSource",
    "WarningSource",
]


@runtime_checkable
class FrameSource(Protocol):
    """An open source of frames. One thread reads; any thread may close."""

    @property
    def info(self) -> SourceInfo:
        """What it is; fixed from the moment it is open."""
        ...

    @property
    def geometry(self) -> ImageGeometry | None:
        """What the source itself knows of its picture (a session, a phantom, DICOM); None where it knows nothing."""
        ...

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None if none came in time.

        Raises
        ------
        SourceEnded
            There will be no more; `is_damaged` where a recording breaks off.
        DeviceError
            The source cannot go on.
        """
        ...

    def close(self) -> None:
        """Let go of everything. May be called twice and from any thread; a waiting `read` then ends."""
        ...


@runtime_checkable
class SeekableSource(FrameSource, Protocol):
    """A recording: its frames have numbers and can be reached in any order."""

    def seek(self, index: int) -> None:
        """Make frame `index` the next one that `read` gives."""
        ...


@runtime_checkable
class MarkedSource(FrameSource, Protocol):
    """A source that knows structures of its own: a session what was marked in it, a simulation its anatomy."""

    def structures(self) -> tuple[Structure, ...]:
        """The structures as they lie in the first frame."""
        ...


@runtime_checkable
class WarningSource(FrameSource, Protocol):
    """A source of which a user must know something, e.g. why a DICOM file's scale is not used."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line each; empty where all is well. Those of a live source may come and go; any thread may ask."""
        ...


@runtime_checkable
class TroubledSource(FrameSource, Protocol):
    """A live source that knows why no picture comes: no signal, device gone, in use. It goes on trying by itself."""

    @property
    def trouble(self) -> str | None:
        """What is wrong now and what to do, one line; None while pictures come. From any thread."""
        ...


@runtime_checkable
class TruthSource(MarkedSource, Protocol):
    """A simulated source that knows where everything really is."""

    def true_needle(self, seq: int) -> NeedleState:
        """The true needle in frame `seq`, which must be one of the last few that were read."""
        ...

    def truth(self, seq: int) -> "FrameTruth":
        """Everything true of frame `seq`, likewise."""
        ...


class FrameTruth(Protocol):
    """What is true of one frame."""

    def as_line(self) -> dict[str, Any]:
        """As plain values, for a line of JSON; worked out when asked for, in the thread that writes it."""
        ...


class Hands(Protocol):
    """The hands at a simulated patient. Every call returns at once and may come from any thread."""

    def state(self) -> HandState:
        """How they stood in the last frame."""
        ...

    def push(self, push: Push) -> None:
        """Move like this from now on; said again at least every 0.2 s, or the hands come to rest."""
        ...

    def nudge(self, nudge: Nudge) -> None:
        """Move by so much."""
        ...

    def restart(self) -> None:
        """Needle and probe back to where they started; injected fluid is gone."""
        ...


@runtime_checkable
class SteeredSource(FrameSource, Protocol):
    """A simulated source whose probe and needle a person may hold."""

    @property
    def hands(self) -> Hands | None:
        """The hands; None where the source was opened to follow its own plan."""
        ...

    @property
    def steered_address(self) -> str:
        """The address that opens the same with its hands free to steer."""
        ...


@dataclass(frozen=True, slots=True)
class OpenContext:
    """What a device is given to open with.

    is_paced: deliver frames at their own rate, as if live (recordings and simulations), or as fast as they are read ·
    open_nested: opens another address unpaced, for devices that wrap one.
    """

    clock: Clock
    is_paced: bool
    open_nested: Callable[[str], FrameSource]


@dataclass(frozen=True, slots=True)
class DeviceListing:
    """One thing that is there to be opened. is_pattern: the address is how such things are written, to be filled in."""

    address: str
    description: str
    is_pattern: bool = False


class Device(Protocol):
    """A way of opening sources: one file in `devices/`, one entry point whose name is the scheme of its addresses."""

    takes_scheme: bool
    """Whether addresses `NAME:…` are meant for it, NAME being the entry point's name."""

    def sniff(self, path: Path, head: bytes) -> int:
        """How surely it reads this path, 0 (not at all) to 100; `head` is a file's first 4 KiB, empty for a folder.

        A path that does not exist is judged by its name.
        """
        ...

    def list(self) -> Sequence[DeviceListing]:
        """What is there now."""
        ...

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open it.

        Raises
        ------
        DeviceError
            It cannot be opened; the message says why and what to do.
        ConfigError
            The address is written wrongly.
        """
        ...


class Tracker(Protocol):
    """Finds needle and structures, frame by frame. Used by one thread at a time."""

    def start(self, geometry: ImageGeometry) -> None:
        """Forget everything, marks too, and work in this geometry from now on."""
        ...

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Follow these structures too, as they lie in `frame`.

        One of a name that is already followed is marked anew in its place; the others go on as they are. `track` gives
        the structures in the order in which their names were first marked.
        """
        ...

    def clear_marks(self) -> None:
        """Forget every marked structure; the needle goes on."""
        ...

    def track(self, frame: Frame) -> Tracking:
        """What is in this frame. Frames come in order of time; a repeated picture adds no evidence."""
        ...


@runtime_checkable
class HintedTracker(Tracker, Protocol):
    """A tracker that can be told where the needle is."""

    def hint(self, hint: NeedleHint, frame: Frame) -> None:
        """It is there in `frame`, says a person. Nothing is shown that the picture does not support."""


class LostWhy(StrEnum):
    """Why a frame that was received is not recorded."""

    DISK = "the disk could not keep up"
    OUT_OF_ORDER = "out of order"


class Sink(Protocol):
    """Takes every frame and every scene, e.g. onto disk. Opened by the record thread once the region is known."""

    @property
    def location(self) -> str:
        """Where it goes, as a user would look for it (the session folder's path)."""
        ...

    def write_frame(self, frame: Frame) -> None:
        """Take one frame; called from the record thread only, in order."""
        ...

    def write_scene(self, scene: Scene) -> None:
        """Take one scene, in order of frames; it may come several frames after its frame, or never."""
        ...

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        """Frame `seq` was received but had to be given up before it came here; said in order with the frames."""
        ...

    def close(self) -> None:
        """Finish; may be called twice."""
        ...


class PreRollSink(Sink, Protocol):
    """A sink that forgets: it keeps the last seconds, in case somebody presses record."""

    @property
    def first(self) -> Frame | None:
        """The oldest frame that is kept, without its picture."""
        ...

    @property
    def frames(self) -> int:
        """How many frames are kept."""
        ...

    @property
    def seconds(self) -> float:
        """How far back they reach."""
        ...

    def write_event(self, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Keep what happened. details: with its time, as `t_ns`."""
        ...

    def see(self, scene: Scene) -> None:
        """The picture lies as in this scene. Nothing is kept before this is known."""
        ...

    def into(self, sink: Sink) -> Sink:
        """A new recording that begins with what is kept."""
        ...


@runtime_checkable
class BoundedSink(Protocol):
    """A sink that can be full one day."""

    def seconds_left(self) -> float | None:
        """Seconds it can go on at this rate, 0 when it must stop; None while that cannot be told."""
        ...


@runtime_checkable
class PaintedSink(Protocol):
    """A sink that also keeps when scenes came on screen."""

    def write_painted(self, seq: int, t_ns: int) -> None:
        """The scene of frame `seq` is on screen since `t_ns`, host monotonic; it was written before."""
        ...


@runtime_checkable
class EventSink(Protocol):
    """A sink that also keeps what happened beside the frames."""

    def write_event(self, kind: str, details: Mapping[str, Any] | None = None) -> None:
        """Note it. kind: a word or two · details: plain values."""
        ...


@runtime_checkable
class TruthSink(Sink, Protocol):
    """A sink that also keeps what was true of simulated frames."""

    def write_truth(self, seq: int, truth: Mapping[str, Any]) -> None:
        """What is true of frame `seq`, right after the frame itself."""
        ...


@runtime_checkable
class Publisher(Protocol):
    """Sends every scene to whoever is connected, e.g. over a network, and never waits for them."""

    @property
    def location(self) -> str:
        """Where it can be reached."""
        ...

    @property
    def client_count(self) -> int:
        """How many are connected."""
        ...

    def write_scene(self, scene: Scene) -> None:
        """Send it; who is still busy with the last one skips to it."""
        ...

    def close(self) -> None:
        """Stop; may be called twice."""
        ...


class Painter(Protocol):
    """Draws a scene as the window would, without a window."""

    def paint(self, scene: Scene) -> NDArray[np.uint8]:
        """The full frame with its overlay and the research notice: uint8 (h, w, 3) RGB, the frame's own size."""
        ...


class CalibrationMethod(Protocol):
    """Estimates something of the picture: one file in `calibration/`, one entry point."""

    def calibrate(self, frames: Sequence[NDArray[np.uint8]]) -> Calibration:
        """Estimate from one or more pictures, uint8 (h, w) or (h, w, 3) RGB, all of one size.

        Raises
        ------
        CalibrationError
            It cannot be told; the message says what was missing and what to do.
        """
        ...
