"""Streams over the network: `rtsp://`, `http://`, `https://`, `udp://`; the newest picture wins."""

import errno
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from rtguide.clock import Clock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.video_pixels import PixelReader

__all__ = ["NetworkStreamDevice", "NetworkStreamSource"]

OPEN_TIMEOUT_S = 8.0
"""How long a peer may take to answer and to send its first picture: two groups of pictures of a slow camera."""

READ_TIMEOUT_S = 1.0
"""A peer that is silent for this long is connected to anew; closing is noticed within it."""

CLOSE_WAIT_S = 1.5
"""How long `close` waits for that: a port can be opened again only then."""

RECONNECT_EVERY_S = 0.5
"""Pause between two tries to connect anew."""

MOST_LAG_NS = 500_000_000
"""How far pictures may fall behind the stream's own clock before they are decoded but not shown."""

PATIENCE_NS = 2_000_000_000
"""Lag that lasts longer than this is not a burst: this machine is too slow, packets are dropped up to a key frame."""

WINDOW_NS = 30_000_000_000
"""The stream's clock is compared with the host's over the last one to two of these, so that drift is no lag."""

MOST_PIXELS = 64 << 20
FASTEST_HZ = 480.0
"""Limits as for video files."""

_CLOCKLESS = frozenset(
    ("mpjpeg", "mjpeg", "mjpeg_2000", "h264", "hevc", "m4v", "mpegvideo", "image2pipe", "yuv4mpegpipe")
)
"""Formats without times of their own: FFmpeg invents some at 25 a second, whatever the real rate."""

_Timed = tuple[VideoFrame, float | None]
"""A picture, and seconds by the stream's own clock where it has one."""

_OPTIONS = {
    "fflags": "nobuffer",
    "flags": "low_delay",
    "probesize": "1000000",
    "analyzeduration": "1000000",
    "rtsp_flags": "prefer_tcp",
    "overrun_nonfatal": "1",
    "protocol_whitelist": "rtsp,rtp,rtcp,udp,tcp,tls,http,https,httpproxy,crypto,data",
}
"""FFmpeg's options for little delay; nothing but the network may be opened, whatever a stream points to."""


class NetworkStreamDevice:
    """Opens streams that FFmpeg can receive. What follows `?` belongs to the stream's own address."""

    takes_scheme = True

    def sniff(self, path: Path, head: bytes) -> int:
        """Never: a stream is no file."""
        del path, head
        return 0

    def list(self) -> Sequence[DeviceListing]:
        """How streams are written: they do not announce themselves."""
        return (
            DeviceListing("rtsp://HOST/PATH", "stream of a camera or encoder", is_pattern=True),
            DeviceListing("http://HOST/PATH", "motion JPEG or other live video; also https://", is_pattern=True),
            DeviceListing("udp://0.0.0.0:PORT", "MPEG transport stream that is sent to this machine", is_pattern=True),
        )

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Connect and wait for the first picture; always live, whether paced or not."""
        _check(address)
        return NetworkStreamSource(address.text, context.clock)


class NetworkStreamSource:
    """An open stream. A thread receives and decodes; `read` gives the newest picture that was not given yet.

    `seq` counts pictures received, so a gap shows those that were passed over. `t_device_ns` is the stream's own time
    from its first picture, the host's where it has none; the host's clock bridges a lost connection. That is
    tried anew for as long as the source is open; until then `read` gives None.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url, self._name, self._clock = url, _name(url), clock
        self._closed, self._fresh = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._newest: Frame | None = None
        self._problem: DeviceError | None = None
        self._pixels = PixelReader()
        self._seq = 0
        container, stream = _connected(url)
        self._start_ns = clock.now_ns()
        self._times = _StreamTimes(self._start_ns)
        pictures = self._pictures(container, stream)
        try:
            first = next(pictures, None)
        except FFmpegError:
            first = None
        if first is None:
            container.close()
            raise DeviceError(
                f"{self._name}: answers, but no picture came within {OPEN_TIMEOUT_S:g} s; check what it sends"
            )
        self._info = self._described(first[0], stream)
        self._publish(*first)
        self._thread = threading.Thread(
            target=self._receive, args=(container, stream, pictures), name="rtguide-stream", daemon=True
        )
        self._thread.start()

    @property
    def info(self) -> SourceInfo:
        """Kind live; size and rate of the stream."""
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """A stream knows nothing of its picture."""
        return None

    def read(self, timeout_s: float) -> Frame | None:
        """The newest picture, or None if none came in time or the connection is lost for now.

        Raises
        ------
        SourceEnded
            The source was closed.
        DeviceError
            The stream changed its size.
        """
        if not self._fresh.is_set():
            self._clock.wait(self._fresh, timeout_s)
        with self._lock:
            if self._closed.is_set():
                raise SourceEnded("the stream was closed")
            frame, self._newest = self._newest, None
            if frame is None and self._problem is not None:
                raise self._problem
            if self._problem is None:
                self._fresh.clear()
        return frame

    def close(self) -> None:
        """End a waiting `read` at once, and wait a little until the thread has let go of the connection."""
        with self._lock:
            self._closed.set()
            self._newest = None
            self._fresh.set()
        self._thread.join(CLOSE_WAIT_S)

    def _described(self, first: VideoFrame, stream: VideoStream) -> SourceInfo:
        rate = stream.average_rate or stream.guessed_rate
        rate_hz = float(rate) if rate is not None and 0 < rate <= FASTEST_HZ else None
        pixels = self._pixels.read(first)
        shape_px = (pixels.shape[0], pixels.shape[1])
        return SourceInfo(self._name, SourceKind.LIVE, shape_px, rate_hz, None, self._name)

    def _receive(self, container: InputContainer, stream: VideoStream, pictures: Iterator[_Timed]) -> None:
        """The thread: pictures as they come, connecting anew when they stop."""
        while not self._closed.is_set() and self._problem is None:
            try:
                for picture in pictures:
                    self._publish(*picture)
                    if self._closed.is_set() or self._problem is not None:
                        break
            except (FFmpegError, OSError, ValueError):
                pass  # the connection is lost: the loop below tries anew, and `read` gives None until then
            container.close()
            while not self._closed.is_set() and self._problem is None:
                try:
                    container, stream = _connected(self._url)
                except DeviceError:
                    self._closed.wait(RECONNECT_EVERY_S)
                    continue
                self._times = self._times.after_break(self._clock.now_ns())
                pictures = self._pictures(container, stream)
                break
        container.close()

    def _pictures(self, container: InputContainer, stream: VideoStream) -> Iterator[_Timed]:
        """Whole pictures as they come, and their own times; after a long lag, packets are dropped undecoded."""
        is_dropping = False
        has_clock = _has_clock(container)
        for packet in container.demux(stream):
            now_ns = self._clock.now_ns()
            if self._closed.is_set() or (not self._seq and now_ns - self._start_ns > OPEN_TIMEOUT_S * 1e9):
                return
            if has_clock and packet.pts is not None and packet.time_base is not None:
                is_late = self._times.is_hopeless(float(packet.pts * packet.time_base), now_ns)
                is_dropping = is_late or (is_dropping and not packet.is_keyframe)
                if is_dropping:
                    self._seq += 1
                    continue
            with suppress(av.error.InvalidDataError):  # a stream that is joined midway begins with broken pictures
                for picture in packet.decode():
                    if not picture.is_corrupt:
                        yield picture, picture.time if has_clock else None

    def _publish(self, picture: VideoFrame, time_s: float | None) -> None:
        """Make it the newest picture, unless it comes too late."""
        now_ns = self._clock.now_ns()
        time_ns, is_late = self._times.stamped(time_s, now_ns)
        seq, self._seq = self._seq, self._seq + 1
        if is_late:
            return
        pixels = self._pixels.read(picture)
        shape_px = (pixels.shape[0], pixels.shape[1])
        if shape_px != self._info.shape_px:
            (was_h, was_w), (h, w) = self._info.shape_px, shape_px
            problem = DeviceError(f"{self._name}: sends {w}×{h} pixels now, before {was_w}×{was_h}; open it again")
            with self._lock:
                self._problem = problem
                self._fresh.set()
            return
        frame = Frame(seq, now_ns, time_ns, pixels)
        with self._lock:
            if not self._closed.is_set():
                self._newest = frame
            self._fresh.set()


class _StreamTimes:
    """The stream's clock beside the host's: times that always rise, and how late a picture comes.

    A picture's lag is how much later it came, by the host's clock, than the quickest one of the last minute.
    """

    def __init__(self, start_ns: int, elapsed_ns: int = -1) -> None:
        self._start_ns = start_ns
        self._elapsed_ns = elapsed_ns
        self._base_ns: int | None = None
        self._offsets: list[int] = []
        self._window_ends_ns = start_ns + WINDOW_NS
        self._late_since_ns: int | None = None

    def after_break(self, now_ns: int) -> "_StreamTimes":
        """The clock of a new connection: goes on where the host's clock is."""
        return _StreamTimes(now_ns, self._elapsed_ns + max(1, now_ns - self._start_ns - self._elapsed_ns))

    def stamped(self, time_s: float | None, now_ns: int) -> tuple[int, bool]:
        """(time from the first picture of all, whether it comes too late to be shown)."""
        own_ns = now_ns if time_s is None else round(time_s * 1e9)
        if self._base_ns is None:
            self._base_ns = own_ns - (self._elapsed_ns + 1)
        self._elapsed_ns = max(self._elapsed_ns + 1, own_ns - self._base_ns)
        return self._elapsed_ns, self._lag_ns(own_ns, now_ns) > MOST_LAG_NS

    def is_hopeless(self, time_s: float, now_ns: int) -> bool:
        """Whether pictures have come too late for so long that decoding them all cannot help."""
        if not self._offsets or now_ns - round(time_s * 1e9) - min(self._offsets) <= MOST_LAG_NS:
            self._late_since_ns = None
            return False
        if self._late_since_ns is None:
            self._late_since_ns = now_ns
        return now_ns - self._late_since_ns > PATIENCE_NS

    def _lag_ns(self, own_ns: int, now_ns: int) -> int:
        offset = now_ns - own_ns
        if not self._offsets or now_ns > self._window_ends_ns:
            self._offsets = [*self._offsets[-1:], offset]
            self._window_ends_ns = now_ns + WINDOW_NS
        self._offsets[-1] = min(self._offsets[-1], offset)
        return offset - min(self._offsets)


def _connected(url: str) -> tuple[InputContainer, VideoStream]:
    """Connect and find the video.

    Raises
    ------
    DeviceError
        Nobody answers, or there is no live video.
    """
    try:
        container = av.open(url, options=dict(_OPTIONS), timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
    except (FFmpegError, OSError, ValueError) as error:
        raise DeviceError(f"{_name(url)}: {_why_not(error)}") from error
    try:
        if not container.streams.video:
            raise DeviceError(f"{_name(url)}: sends no video; check the address")
        if (container.duration or 0) > 0 and url.startswith("http"):
            length_s = (container.duration or 0) / av.time_base
            raise DeviceError(f"{_name(url)}: a recording of {length_s:.1f} s, not live; download it and open the file")
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    except DeviceError:
        container.close()
        raise
    return container, stream


def _has_clock(container: InputContainer) -> bool:
    return not any(name in _CLOCKLESS for name in container.format.name.split(","))


def _check(address: SourceAddress) -> None:
    """Whether the address names a host, and for `udp:` a port.

    Raises
    ------
    ConfigError
        It does not.
    """
    try:
        parts = urlsplit(address.text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or (address.scheme == "udp" and port is None):
        example = {"udp": "udp://0.0.0.0:1234", "rtsp": "rtsp://192.168.0.9/stream"}
        written = example.get(address.scheme, f"{address.scheme}://192.168.0.9/video")
        raise ConfigError(f"{_name(address.text)!r} does not say who sends; write e.g. {written}")


def _why_not(error: Exception) -> str:
    if isinstance(error, av.error.ConnectionRefusedError):
        return "nobody listens there; check the address, and that the stream is on"
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return "asks for a name and password; write them as NAME:PASSWORD@ before the host"
    if isinstance(error, av.error.HTTPNotFoundError):
        return "the peer has no such stream; check the path behind the host"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return "another program receives there already; close it, or let the stream be sent to another port"
    if isinstance(error, (av.error.ExitError, av.error.TimeoutError)):
        return f"no answer within {OPEN_TIMEOUT_S:g} s; check the address, the cable, and the firewall"
    return "no stream that can be received; check the address and what is sent"


def _name(url: str) -> str:
    """The address without a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
