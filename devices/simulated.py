"""`sim:SCENARIO?seed=1&fps=30&seconds=20&steer=1`: the phantom as an ordinary source of frames."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
from numpy.typing import NDArray

from devices.simulated_ahead import DrawnAhead
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleState
from rtguide.model.points import as_array, as_points
from rtguide.model.steering import HandState, Nudge, Push
from rtguide.model.structure import Structure, StructureKind
from rtguide.phantom import Phantom, Truth, load_scenario, scenario_names
from rtguide.phantom.output import Output, size_px
from rtguide.phantom.practice import Practice
from rtguide.phantom.steering import steerable
from rtguide.phantom.truth_line import truth_line
from rtguide.ports import DeviceListing, FrameSource, OpenContext

__all__ = ["SimulatedDevice", "SimulatedHands", "SimulatedSource", "SimulatedTruth"]

_KEPT_TRUTHS = 64
"""Truths kept for `true_needle`: two seconds at 30 frames/s, more than any queue on the way holds."""
_OPTIONS = ("seed", "fps", "seconds", "steer", "layout", "size", "scanner", "dropped")
_AHEAD_S = 0.5
"""How far unsteered pictures are drawn ahead: a stumble of the machine by as much shows nobody a gap."""
_MOST_AHEAD = 30
"""At 1920×1080 in colour these take 190 MB."""
_HELD, _HELD_STEERED = 3, 1
"""Pictures that wait for a reader who is late, as they do in a grabber's driver. Steered by hand, waiting is lag."""
_JUDGED_S = 3.0
"""Over how long it is judged whether the simulation keeps its rate."""
_MOST_LOST = 0.05
"""Share of frames that may be passed over before it is said: one stumble is not a rate."""


class SimulatedDevice:
    """Opens scenarios of the phantom."""

    takes_scheme = True

    def sniff(self, path: Path, head: bytes) -> int:
        """Never: a scenario is not a file."""
        del path, head
        return 0

    def list(self) -> Sequence[DeviceListing]:
        """Every scenario."""
        return [DeviceListing(f"sim:{name}", load_scenario(name).title) for name in scenario_names()]

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Build the phantom; the first frame is due at once.

        Raises
        ------
        ConfigError
            No such scenario, an unknown option, or a value out of range.
        """
        address.refuse_unknown_options(_OPTIONS)
        scenario = _output(address).of(load_scenario(address.body))
        is_steered = address.flag("steer")
        if is_steered:
            scenario = steerable(scenario)
        seed = int(address.number("seed", 1, 0, 2**31 - 1))
        rate_hz = address.number("fps", 30.0, 1.0, 120.0)
        seconds = address.number("seconds", 0.0, 0.0, 86400.0)
        count = max(1, round(seconds * rate_hz)) if seconds else None
        info = SourceInfo(
            name=scenario.title,
            kind=SourceKind.SIMULATED,
            shape_px=(scenario.screen.height_px, scenario.screen.width_px),
            rate_hz=rate_hz,
            frame_count=count,
            address=address.text,
        )
        return SimulatedSource(Phantom(scenario, seed, rate_hz), info, context, is_steered=is_steered)


def _output(address: SourceAddress) -> Output:
    """The screen and the stream that an address asks for.

    Raises
    ------
    ConfigError
        A value is not understood, or somebody who steers asks for repeated pictures.
    """
    options = address.options
    is_repeating = "scanner" in options or "dropped" in options
    if is_repeating and address.flag("steer"):
        raise ConfigError(f"{address.text!r}: scanner and dropped are for planned scenarios: leave them or steer out")
    return Output(
        layout=options.get("layout"),
        size_px=size_px(options["size"]) if "size" in options else None,
        scanner_hz=address.number("scanner", 30.0, 5.0, 120.0) if "scanner" in options else None,
        dropped=address.number("dropped", 0.0, 0.0, 0.5) if "dropped" in options else None,
    )


class SimulatedSource:
    """An open scenario. Paced, frame n is due n / rate after opening; a reader who is later than the few pictures that
    wait for him finds the present one.
    """

    def __init__(self, phantom: Phantom, info: SourceInfo, context: OpenContext, *, is_steered: bool = False) -> None:
        self._phantom, self._info, self._clock, self._is_paced = phantom, info, context.clock, context.is_paced
        self._practice = Practice(phantom) if is_steered else None
        self._given: deque[int] = deque(maxlen=max(2, round(_JUDGED_S * phantom.rate_hz)))
        self._closed = threading.Event()
        self._next = 0
        self._geometry = self._first_geometry = phantom.geometry
        self._structures = phantom.structures()
        self._held = _HELD_STEERED if is_steered else _HELD
        ahead = 0 if is_steered else min(_MOST_AHEAD, round(_AHEAD_S * phantom.rate_hz))
        self._ahead = DrawnAhead(self._draw, ahead, info.frame_count) if context.is_paced else None
        self._start_ns: int | None = None
        self._truths: deque[SimulatedTruth] = deque(maxlen=_KEPT_TRUTHS)
        self._truths_lock = threading.Lock()

    @property
    def info(self) -> SourceInfo:
        """Kind simulated, always."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry:
        """Exact, of the last frame that was read (a scenario may change the depth)."""
        return self._geometry

    def structures(self) -> tuple[Structure, ...]:
        """The marked structures as they lie in frame 0, as far as the picture shows them: as a user would mark them."""
        clipped = (_clip(structure, self._first_geometry) for structure in self._structures)
        return tuple(structure for structure in clipped if structure is not None)

    @property
    def hands(self) -> "SimulatedHands | None":
        """The hands of whoever steers; None when the plan does."""
        return None if self._practice is None else SimulatedHands(self._practice, self.now_s)

    @property
    def steered_address(self) -> str:
        """What opens this scenario, seed and rate to be steered."""
        options = {"seed": self._phantom.seed, "fps": f"{self._phantom.rate_hz:g}", "steer": 1}
        body, _, asked = self._info.address.removeprefix("sim:").partition("?")
        options |= {key: value for key, value in parse_qsl(asked) if key in {"layout", "size"}}
        return f"sim:{body or self._phantom.scenario.name}?{urlencode(options)}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """That pictures cannot be drawn as fast as they are due, while that is so."""
        with self._truths_lock:
            given = tuple(self._given)
        if not self._is_paced or len(given) < 2:
            return ()
        window = round(_JUDGED_S * self._phantom.rate_hz)
        recent = [index for index in given if index > given[-1] - window]
        due = given[-1] - recent[0] + 1
        if due < window / 2 or len(recent) >= (1.0 - _MOST_LOST) * due:
            return ()
        rate_hz = self._phantom.rate_hz
        shown_hz = rate_hz * len(recent) / due
        return (f"simulation too slow: {shown_hz:.0f} of {rate_hz:g} pictures/s; ?fps= asks for fewer",)

    def now_s(self) -> float:
        """Scenario time: of the clock when paced, else of the next frame."""
        if not self._is_paced or self._start_ns is None:
            return self._next / self._phantom.rate_hz
        return (self._clock.now_ns() - self._start_ns) / 1e9

    def true_needle(self, seq: int) -> NeedleState:
        """The true needle in one of the last frames that were read."""
        return self.truth(seq).truth.needle_state()

    def truth(self, seq: int) -> "SimulatedTruth":
        """Everything true of one of the last frames that were read.

        Raises
        ------
        DeviceError
            That frame was not read, or too long ago.
        """
        with self._truths_lock:
            for truth in self._truths:
                if truth.truth.index == seq:
                    return truth
        raise DeviceError(f"frame {seq} is not among the last {_KEPT_TRUTHS} that were read: ask sooner")

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None if none is due in time.

        Raises
        ------
        SourceEnded
            All frames of `seconds=` were read, or the source was closed.
        """
        if self._closed.is_set():
            raise SourceEnded("the simulation was closed")
        if self._is_ended(self._next):
            raise SourceEnded("the simulation has ended")
        if self._is_paced and not self._wait(timeout_s):
            return None
        index = self._next
        drawn = self._draw(index) if self._ahead is None else self._ahead.take(index)
        with self._truths_lock:
            self._truths.append(drawn.truth)
            self._given.append(index)
        self._next, self._geometry = index + 1, drawn.geometry
        time_ns = round(index * 1e9 / self._phantom.rate_hz)
        # As from a driver: a picture is there when it is due, or when it was finished after that, not when it is read.
        there_ns = drawn.t_drawn_ns if self._start_ns is None else max(drawn.t_drawn_ns, self._start_ns + time_ns)
        return Frame(index, there_ns, time_ns, drawn.pixels, drawn.geometry)

    def close(self) -> None:
        """End a waiting `read`; may be called twice and from any thread."""
        self._closed.set()
        if self._ahead is not None:
            self._ahead.close()

    def _draw(self, index: int) -> "_Drawn":
        """Picture and truth; in the thread that draws ahead, where there is one."""
        if self._practice is None:
            pixels, truth = self._phantom.frame(index)
            hand = None
        else:
            pixels, truth, hand = self._practice.frame(index)
        return _Drawn(pixels, SimulatedTruth(truth, hand), self._phantom.geometry_at(index), self._clock.now_ns())

    def _is_ended(self, index: int) -> bool:
        return self._info.frame_count is not None and index >= self._info.frame_count

    def _wait(self, timeout_s: float) -> bool:
        """Wait for the next frame's time; false if it does not come in time. A reader too late skips to the present."""
        now_ns = self._clock.now_ns()
        if self._start_ns is None:
            self._start_ns = now_ns
        rate_hz = self._phantom.rate_hz
        due_s = self._next / rate_hz - (now_ns - self._start_ns) / 1e9
        if due_s > 0:
            self._clock.wait(self._closed, min(due_s, timeout_s))
            if self._closed.is_set():
                raise SourceEnded("the simulation was closed")
            return due_s <= timeout_s
        present = int((now_ns - self._start_ns) / 1e9 * rate_hz + 1e-6)
        if self._info.frame_count is not None:
            present = min(present, self._info.frame_count - 1)
        if present - self._next > self._held:
            self._next = present
        return True


@dataclass(frozen=True, slots=True)
class SimulatedTruth:
    """What is true of one frame, and how the hands stood that steered it."""

    truth: Truth
    hand: HandState | None

    def as_line(self) -> dict[str, Any]:
        """As in the `truth.jsonl` of a case, with `hand` added."""
        hand = None
        if self.hand is not None:
            hand = {
                "pressure": round(self.hand.pressure, 3),
                "inserted_mm": round(self.hand.inserted_mm, 3),
                "angle_deg": round(self.hand.angle_deg, 3),
                "swing_deg": round(self.hand.swing_deg, 3),
                "injected_ml": round(self.hand.injected_ml, 4),
            }
        return {**truth_line(self.truth), "hand": hand}


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A finished picture. pixels: uint8 (h, w) or (h, w, 3) RGB · t_drawn_ns: when it was finished, host monotonic."""

    pixels: NDArray[np.uint8]
    truth: SimulatedTruth
    geometry: ImageGeometry
    t_drawn_ns: int


class SimulatedHands:
    """A person's hands at an open scenario; any thread."""

    def __init__(self, practice: Practice, now_s: Callable[[], float]) -> None:
        self._practice, self._now_s = practice, now_s

    def state(self) -> HandState:
        """How they stood in the last frame."""
        return self._practice.state()

    def push(self, push: Push) -> None:
        """Move like this from now on."""
        self._practice.push(push, self._now_s())

    def nudge(self, nudge: Nudge) -> None:
        """Move by so much."""
        self._practice.nudge(nudge)

    def restart(self) -> None:
        """Back to the start."""
        self._practice.restart()


def _clip(structure: Structure, geometry: ImageGeometry) -> Structure | None:
    """The part inside the picture's bounds; None where next to nothing of it is."""
    points = as_array(structure.outline_px)
    inside = geometry.region.contains(points)
    if np.count_nonzero(inside) < min(3, len(points)):
        return None
    if structure.kind is StructureKind.STRUCTURE:
        box = geometry.region.bounds()
        points = np.clip(points, [box.x, box.y], [box.x + box.width, box.y + box.height])
    else:
        points = points[inside]
    return replace(structure, outline_px=as_points(points))
