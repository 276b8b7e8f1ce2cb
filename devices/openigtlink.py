"""OpenIGTLink: pictures and transforms from the PLUS toolkit, 3D Slicer and others, `igtl://HOST:18944/NAME`."""

import socket
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from rtguide.clock import Clock
from rtguide.errors import ConfigError, DeviceError, SourceEnded
from rtguide.model.address import SourceAddress
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.igtl_wire import (
    HEADER_BYTES,
    IgtlHeader,
    IgtlImage,
    content_of,
    parse_header,
    parse_image,
    parse_transform,
)

__all__ = ["OpenIgtLinkDevice", "OpenIgtLinkSource", "TrackedTransform"]

USUAL_PORT = 18944
"""The protocol's registered port, the default of PLUS and 3D Slicer."""

CONNECT_TIMEOUT_S = 3.0
FIRST_PICTURE_S = 5.0
"""How long a peer may take to send its first picture: PLUS sends several a second."""

POLL_S = 0.2
"""How long one receive waits; closing is noticed within it."""

STALLED_S = 5.0
"""A message that stands still for this long in its middle means that the connection is lost."""

NOT_SAID = ((1.0, 1.0), (0.0, 0.0))
"""What PLUS and others send where they know no size of pixels."""

FINEST_MM, COARSEST_MM = 0.002, 2.0
"""Sizes of pixels that ultrasound pictures have, as for DICOM."""

RECONNECT_EVERY_S = 0.5
MOST_TRANSFORMS = 64
"""Names of transforms that are kept: ten times a usual set-up; more would be a peer gone wrong."""


def _believable(spacing_mm: tuple[float, float]) -> tuple[float, float] | None:
    """What a peer says of the size of pixels, None where it says nothing or something that cannot be."""
    is_said = spacing_mm not in NOT_SAID and all(FINEST_MM <= side <= COARSEST_MM for side in spacing_mm)
    return spacing_mm if is_said else None


class OpenIgtLinkDevice:
    """Connects to a server of OpenIGTLink."""

    takes_scheme = True

    def sniff(self, path: Path, head: bytes) -> int:
        """Never: a server is no file."""
        del path, head
        return 0

    def list(self) -> Sequence[DeviceListing]:
        """How a server is written: they do not announce themselves."""
        return (
            DeviceListing("igtl://HOST:18944/NAME", "pictures from PLUS or 3D Slicer (OpenIGTLink)", is_pattern=True),
        )

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Connect and wait for the first picture of the name, or of any name where none is given."""
        address.refuse_unknown_options(())
        try:
            parts = urlsplit(f"igtl:{address.body}")
            host, port = parts.hostname, parts.port or USUAL_PORT
        except ValueError:
            host, port, parts = None, USUAL_PORT, None
        if not host or parts is None:
            raise ConfigError(f"{address.text!r} names no server; write e.g. igtl://192.168.0.9:18944/Image")
        return OpenIgtLinkSource(_Peer(host, port, unquote(parts.path.strip("/")), address.text), context.clock)


@dataclass(frozen=True, slots=True, eq=False)
class TrackedTransform:
    """The newest transform of a name. matrix: float64 (4, 4), mm · t_capture_ns: host time at which it came."""

    matrix: NDArray[np.float64]
    t_capture_ns: int


@dataclass(frozen=True, slots=True)
class _Peer:
    """Whom to connect to, whose pictures to take (empty: the first that comes), and the address as it was written."""

    host: str
    port: int
    name: str
    text: str


class OpenIgtLinkSource:
    """An open connection. A thread receives; `read` gives the newest picture that was not given yet.

    `seq` counts the pictures that came. `t_device_ns` is the peer's time from its first picture, the host's where the
    peer's does not rise. A lost connection is tried anew for as long as the source is open; until then `read` gives
    None.
    """

    def __init__(self, peer: _Peer, clock: Clock) -> None:
        self._peer, self._clock = peer, clock
        self._name = peer.name
        self._closed, self._fresh = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._newest: Frame | None = None
        self._problem: DeviceError | None = None
        self._transforms: dict[str, TrackedTransform] = {}
        self._seen: Counter[str] = Counter()
        self._seq = 0
        self._info: SourceInfo | None = None
        self._warnings: tuple[str, ...] = ()
        self._last_ns: tuple[int, int, int] | None = None
        connection = self._connected()
        self._thread = threading.Thread(target=self._receive, args=(connection,), name="rtguide-igtl", daemon=True)
        self._thread.start()
        clock.wait(self._fresh, FIRST_PICTURE_S)
        if self._info is None:
            self.close()
            raise self._problem or DeviceError(self._no_picture())

    @property
    def info(self) -> SourceInfo:
        """Kind live; the size of its pictures."""
        assert self._info is not None
        return self._info

    @property
    def geometry(self) -> ImageGeometry | None:
        """None: the protocol does not say where the echoes begin."""
        return None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the peer says of the size of pixels, where that cannot be."""
        return self._warnings

    def transform(self, name: str) -> TrackedTransform | None:
        """The newest transform of this name (`ProbeToTracker`); None if none came yet."""
        with self._lock:
            return self._transforms.get(name)

    def transform_names(self) -> tuple[str, ...]:
        """Names of the transforms that came."""
        with self._lock:
            return tuple(sorted(self._transforms))

    def read(self, timeout_s: float) -> Frame | None:
        """The newest picture, or None if none came in time or the connection is lost for now.

        Raises
        ------
        SourceEnded
            The source was closed.
        DeviceError
            The pictures changed to something else.
        """
        if not self._fresh.is_set():
            self._clock.wait(self._fresh, timeout_s)
        with self._lock:
            if self._closed.is_set():
                raise SourceEnded("the connection was closed")
            frame, self._newest = self._newest, None
            if frame is None and self._problem is not None:
                raise self._problem
            if self._problem is None:
                self._fresh.clear()
        return frame

    def close(self) -> None:
        """End a waiting `read`, and wait for the thread to let go of the connection."""
        with self._lock:
            self._closed.set()
            self._newest = None
            self._fresh.set()
        self._thread.join(2 * POLL_S)

    def _connected(self) -> socket.socket:
        peer = self._peer
        try:
            connection = socket.create_connection((peer.host, peer.port), CONNECT_TIMEOUT_S)
        except (OSError, UnicodeError, OverflowError) as error:
            is_refused = isinstance(error, ConnectionRefusedError)
            why = "nobody listens there" if is_refused else "no answer"
            raise DeviceError(f"{peer.text}: {why}; start the server (PLUS, Slicer), check host and port") from error
        connection.settimeout(POLL_S)
        return connection

    def _no_picture(self) -> str:
        seen = ", ".join(sorted(self._seen)) or "nothing"
        wanted = f"picture of the name {self._peer.name!r}" if self._peer.name else "picture"
        return f"{self._peer.text}: no {wanted} came within {FIRST_PICTURE_S:g} s; it sends: {seen}"

    def _receive(self, connection: socket.socket) -> None:
        """The thread: messages as they come, connecting anew when they stop."""
        while not self._is_over():
            with connection:
                try:
                    while not self._is_over():
                        self._take(*self._message(connection))
                except OSError:
                    pass  # the connection is lost: the loop below tries anew, and `read` gives None until then
                except DeviceError as error:
                    self._fail(error)
            while not self._is_over():
                with suppress(DeviceError):
                    connection = self._connected()
                    break
                self._closed.wait(RECONNECT_EVERY_S)

    def _is_over(self) -> bool:
        return self._closed.is_set() or self._problem is not None

    def _fail(self, error: DeviceError) -> None:
        with self._lock:
            self._problem = DeviceError(f"{self._peer.text}: {error}")
            self._fresh.set()

    def _message(self, connection: socket.socket) -> tuple[IgtlHeader, bytes]:
        header = parse_header(self._exactly(connection, HEADER_BYTES))
        return header, self._exactly(connection, header.body_bytes)

    def _exactly(self, connection: socket.socket, count: int) -> bytes:
        """So many bytes; OSError when the connection is lost, stands still within a message, or is to be closed."""
        data = bytearray()
        quiet_since_ns = self._clock.now_ns()
        while len(data) < count:
            if self._closed.is_set():
                raise ConnectionAbortedError
            try:
                chunk = connection.recv(min(count - len(data), 1 << 20))
            except TimeoutError:
                if (data or count != HEADER_BYTES) and self._clock.now_ns() - quiet_since_ns > STALLED_S * 1e9:
                    raise
                continue
            if not chunk:
                raise ConnectionResetError
            data += chunk
            quiet_since_ns = self._clock.now_ns()
        return bytes(data)

    def _take(self, header: IgtlHeader, body: bytes) -> None:
        now_ns = self._clock.now_ns()
        if len(self._seen) < MOST_TRANSFORMS:
            self._seen[f"{header.kind} {header.name}".strip()] += 1
        if header.kind == "TRANSFORM":
            matrix = parse_transform(content_of(header, body))
            with self._lock:
                if header.name in self._transforms or len(self._transforms) < MOST_TRANSFORMS:
                    self._transforms[header.name] = TrackedTransform(matrix, now_ns)
        elif header.kind == "IMAGE" and self._name in ("", header.name):
            self._publish(header, parse_image(content_of(header, body)), now_ns)

    def _publish(self, header: IgtlHeader, image: IgtlImage, now_ns: int) -> None:
        shape_px = (image.pixels.shape[0], image.pixels.shape[1])
        if self._info is None:
            self._name = header.name
            name = f"{header.name or 'Image'} from {self._peer.host}:{self._peer.port}"
            if image.spacing_mm not in NOT_SAID and _believable(image.spacing_mm) is None:
                x, y = image.spacing_mm
                self._warnings = (
                    f"{name}: says that a pixel measures {x:g}×{y:g} mm, which no ultrasound picture has "
                    f"({FINEST_MM:g} to {COARSEST_MM:g} mm): it is not used; give --mm-per-px",
                )
            self._info = SourceInfo(name, SourceKind.LIVE, shape_px, None, None, self._peer.text)
        if shape_px != self._info.shape_px:
            (was_h, was_w), (h, w) = self._info.shape_px, shape_px
            raise DeviceError(f"it sends {w}×{h} pixels now, before {was_w}×{was_h}; open it again")
        time_ns, spacing_mm = self._time_ns(header.time_ns, now_ns), _believable(image.spacing_mm)
        frame = Frame(self._seq, now_ns, time_ns, image.pixels, spacing_mm=spacing_mm)
        self._seq += 1
        with self._lock:
            if not self._closed.is_set():
                self._newest = frame
            self._fresh.set()

    def _time_ns(self, peer_ns: int, now_ns: int) -> int:
        """Time from the first picture: on by what the peer's clock says, by the host's where that does not rise."""
        elapsed_ns = 0
        if self._last_ns is not None:
            was_peer_ns, was_now_ns, was_elapsed_ns = self._last_ns
            step_ns = peer_ns - was_peer_ns
            is_plausible = 0 < step_ns <= (now_ns - was_now_ns) + 60_000_000_000
            elapsed_ns = was_elapsed_ns + (step_ns if is_plausible else max(1, now_ns - was_now_ns))
        self._last_ns = (peer_ns, now_ns, elapsed_ns)
        return elapsed_ns
