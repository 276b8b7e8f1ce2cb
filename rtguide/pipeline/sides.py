"""Side channels of a running pipeline: each in a thread of its own, so that none can hold up the picture or another."""

import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from rtguide.clock import Clock
from rtguide.errors import ConfigError, RecordingError, RtguideError, SourceEnded
from rtguide.model.frame import Frame
from rtguide.model.side import SideInfo, SideKind, SideSample, SideStatus, SoundChunk
from rtguide.model.status import Fault, RecordingStatus
from rtguide.ports import FrameSource
from rtguide.recording.packing import PackedFrame
from rtguide.recording.side_ring import SidePiece, SideRing
from rtguide.recording.sides import SideWriter
from rtguide.side_ports import SideChannel, SideItem

__all__ = ["SideFeed", "SideVideo", "sides_from_texts"]

READ_S = 0.1
"""How long one read waits; a stop, and the start of a recording, are noticed within this time."""

OPEN_AGAIN_S = 1.0
QUIET_NS = 5_000_000_000
"""A channel that gave nothing for so long is said to be quiet: slow sensors speak once a second."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def sides_from_texts(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(name, address) of each `NAME=ADDRESS`.

    Raises
    ------
    ConfigError
        One is written otherwise, or two have the same name.
    """
    sides: dict[str, str] = {}
    for text in texts:
        name, _, address = text.partition("=")
        if not _NAME.fullmatch(name) or not address:
            raise ConfigError(
                f"--side {text!r}: write NAME=ADDRESS, e.g. current=serial:/dev/ttyUSB0; names of letters, digits, - _"
            )
        if name in sides:
            raise ConfigError(f"--side {text!r}: there is another of the name {name!r}; give each its own")
        sides[name] = address
    return tuple(sides.items())


class SideFeed:
    """One side channel. `step` and `finish` belong to its thread; `status` and `close` may be called from any.

    It is opened again when it fails, and written into whatever session is being recorded.
    """

    def __init__(
        self,
        name: str,
        open_channel: Callable[[], SideChannel],
        recording: Callable[[], RecordingStatus],
        on_fault: Callable[[Fault], None],
        clock: Clock,
    ) -> None:
        self.name = name
        self._open_channel = open_channel
        self._recording = recording
        self._ring: SideRing | None = None
        self._on_fault = on_fault
        self._clock = clock
        self._closing = threading.Event()
        self._channel: SideChannel | None = None
        self._info: SideInfo | None = None
        self._has_ended = False
        self._writer: SideWriter | None = None
        self._written_to: Path | None = None
        self._text = ""
        self._trouble: str | None = "opening"
        self._heard_ns = clock.now_ns()

    def keep_before(self, ring: SideRing) -> None:
        """Keep what comes while nothing is recorded; before the first step."""
        self._ring = ring

    def status(self) -> SideStatus:
        """How it stands."""
        trouble = self._trouble
        if trouble is None and self._clock.now_ns() - self._heard_ns > QUIET_NS:
            trouble = "quiet"
        return SideStatus(self.name, self._text, trouble)

    def step(self) -> bool:
        """Open it, or read and write one piece; false once it has ended, and nothing waits for a recording."""
        if self._has_ended:
            return self._wait_for_recording()
        try:
            item = self._opened().read(READ_S)
        except SourceEnded as end:
            self._trouble, self._has_ended = str(end) or "ended", True
            self._follow_recording()
            self.finish()
            return self._is_waiting
        except RtguideError as error:
            self._trouble = str(error)
            self._let_go()
            self._follow_recording()
            return not self._clock.wait(self._closing, OPEN_AGAIN_S)
        self._follow_recording()
        if item is not None:
            self._heard_ns, self._trouble = self._clock.now_ns(), None
            self._text = _in_words(item, self._channel)
            self._write(item)
        return True

    def close(self) -> None:
        """End a waiting read."""
        self._closing.set()
        channel = self._channel
        if channel is not None:
            channel.close()

    def finish(self) -> None:
        """Close what is open, after its thread has ended."""
        self._let_go()
        self._end_writing()

    @property
    def _is_waiting(self) -> bool:
        """Whether something of before is kept for a recording."""
        return self._ring is not None and self._ring.size_bytes > 0

    def _wait_for_recording(self) -> bool:
        """It has ended; what it gave before is still poured into the next recording."""
        self._follow_recording()
        if self._writer is not None:
            self._end_writing()
        return self._is_waiting and not self._clock.wait(self._closing, READ_S)

    def _opened(self) -> SideChannel:
        if self._channel is None:
            self._channel = self._open_channel()
            self._info = self._channel.info
            self._heard_ns, self._trouble = self._clock.now_ns(), None
            if self._closing.is_set():
                self._channel.close()
        return self._channel

    def _let_go(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def _follow_recording(self) -> None:
        folder, begins_ns = self._session()
        if folder == self._written_to:
            return
        self._end_writing()
        self._written_to = folder
        if folder is not None and self._info is not None:
            try:
                self._writer = SideWriter(folder, self.name, self._info)
            except RecordingError as error:
                self._say_lost(error)
            if self._ring is not None and begins_ns is not None:
                for piece in self._ring.pour(begins_ns):
                    self._write(piece)

    def _session(self) -> tuple[Path | None, int | None]:
        """The session that is being recorded, and since when there is something of before in it."""
        status = self._recording()
        return Path(status.folder) if status.folder else None, status.begins_ns

    def _write(self, item: SideItem | SidePiece) -> None:
        """Into the session that is being recorded; while none is, into the ring."""
        if self._writer is not None:
            try:
                self._writer.write(item)
            except RecordingError as error:
                self._say_lost(error)
                self._end_writing()
        elif self._ring is not None and self._written_to is None and not isinstance(item, PackedFrame):
            try:
                self._ring.keep(item)
            except RecordingError as error:
                self._ring = None
                self._on_fault(
                    Fault("side", f"{self.name}: nothing from before is kept: {error}", self._clock.now_ns())
                )

    def _say_lost(self, error: RecordingError) -> None:
        """The picture's recording goes on; this one does not, and that is said."""
        self._on_fault(Fault("side", f"{self.name} is no longer recorded: {error}", self._clock.now_ns()))

    def _end_writing(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except RecordingError as error:  # what was written stays readable, and says that it was not closed
                self._say_lost(error)


class SideVideo:
    """Any source of pictures as a side channel."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    @property
    def info(self) -> SideInfo:
        """Pictures, from the source's address."""
        return SideInfo(SideKind.VIDEO, self._source.info.address or self._source.info.name)

    def read(self, timeout_s: float) -> Frame | None:
        """The source's next frame."""
        return self._source.read(timeout_s)

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def _in_words(item: SideItem, channel: SideChannel | None) -> str:
    """A value as it is read aloud; of sound and pictures that they come."""
    if isinstance(item, SideSample):
        if isinstance(item.value, str):
            return item.value[:24]
        unit = "" if channel is None or not channel.info.unit else f" {channel.info.unit}"
        return f"{item.value:.4g}{unit}"
    if isinstance(item, SoundChunk):
        level = int(abs(item.samples).max()) if len(item.samples) else 0
        return "silent" if level < 30 else f"{100 * level // 32768} %"
    assert isinstance(item, Frame)
    return "on"
