"""`rtguide bench glass`: from glass to here. A screen shows the time, a source sees it, the difference is its delay."""
# ruff: noqa: PLC0415 - Qt is imported last

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rtguide.app.bench.time_code import delay_ns, picture_of, read_code
from rtguide.app.plugins import open_source
from rtguide.clock import Clock, SystemClock
from rtguide.errors import RtguideError
from rtguide.model.frame import Frame
from rtguide.model.status import DelayFigures, Fault, SourceState
from rtguide.pipeline.capture import Capture
from rtguide.pipeline.loop import Loop
from rtguide.pipeline.slots import Latest
from rtguide.ports import FrameSource
from rtguide.recording.delays import figures_of

__all__ = ["GlassMeter", "GlassReport", "measure_glass"]

WAIT_S = 0.1
JOIN_S = 3.0

SETTLE_READINGS = 10
"""The first readings are left out: sources begin with pictures that waited in their buffers."""


@dataclass(frozen=True, slots=True)
class GlassReport:
    """What was read. received: frames that came · read: those whose code was read · delay: paint to receipt."""

    address: str
    received: int
    read: int
    shortest_ns: int
    delay: DelayFigures

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class GlassMeter:
    """Reads a source in one thread, and the codes in its newest pictures in another.

    `text` and `report` may be asked for from any thread.
    """

    def __init__(self, address: str, open_it: Callable[[], FrameSource], clock: Clock) -> None:
        self._address = address
        self._frames: Latest[Frame] = Latest()
        self._generation = 0
        self._delays_ns: list[int] = []
        self._fault = ""
        self._capture = Capture(open_it, lambda _source: None, self._came, clock)
        self._loops = [
            Loop("glass-capture", self._capture.step, self._failed, clock),
            Loop("glass-read", self._read_step, self._failed, clock),
        ]

    @property
    def text(self) -> str:
        """How it stands, one line."""
        status = self._capture.status()
        if self._fault or status.state is not SourceState.RUNNING:
            return self._fault or status.text or str(status.state)
        readings = tuple(self._delays_ns)
        if not readings:
            return f"{self._address}: no code in its pictures yet; show it the whole code, sharp and not too bright"
        return f"{self._address}: {len(readings)} readings, the last {readings[-1] / 1e6:.1f} ms"

    def start(self) -> None:
        """Begin."""
        for loop in self._loops:
            loop.start()

    def close(self) -> None:
        """Stop both threads and close the source."""
        for loop in self._loops:
            loop.ask_to_stop()
        self._capture.close()
        for loop in self._loops:
            loop.join(JOIN_S)

    def report(self) -> GlassReport:
        """What was read so far.

        Raises
        ------
        RtguideError
            Nothing could be read; the message says why.
        """
        delays = self._delays_ns[SETTLE_READINGS:]
        figures = figures_of(delays)
        if figures is None:
            raise RtguideError(f"no delay could be read: {self.text}")
        counts = self._capture.counts()
        return GlassReport(self._address, counts.received, len(self._delays_ns), min(delays), figures)

    def _came(self, frame: Frame | int) -> None:
        if isinstance(frame, Frame):
            self._frames.put(frame)

    def _read_step(self) -> bool:
        newer = self._frames.newer(self._generation, WAIT_S)
        if newer is not None:
            self._generation, frame = newer
            code = read_code(frame.pixels)
            if code is not None:
                self._delays_ns.append(delay_ns(code, frame.t_capture_ns))
        return True

    def _failed(self, fault: Fault) -> None:
        self._fault = fault.text


def measure_glass(address: str, seconds: float, screen: int) -> GlassReport:
    """Show the code full-screen, watch it through the source, and say how late it comes.

    Raises
    ------
    RtguideError
        There is no such screen, or nothing could be read.
    """
    from rtguide.view.application import application, close_after, run
    from rtguide.view.code_window import CodeWindow

    app = application()
    clock = SystemClock()
    meter = GlassMeter(address, lambda: open_source(address, clock, is_paced=True), clock)
    window = CodeWindow(picture_of, clock)
    if not window.show_on(screen):
        window.close()
        raise RtguideError(f"there is no screen {screen}; screens are counted from 0")

    def say() -> None:
        window.text = meter.text

    meter.start()
    close_after(window, seconds, say)
    run(app, window)
    meter.close()
    return meter.report()
