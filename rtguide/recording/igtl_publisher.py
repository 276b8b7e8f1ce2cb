"""Publishes scenes over OpenIGTLink, so that 3D Slicer or PLUS can show them: `igtl://HOST:18944`."""

import json
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from rtguide.clock import Clock
from rtguide.errors import ConfigError, RecordingError
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.ports import LostWhy
from rtguide.recording.igtl_scene import scene_messages
from rtguide.recording.track_lines import track_line

__all__ = ["IgtlPublisher"]

USUAL_PORT = 18944
"""The protocol's registered port, the default of 3D Slicer."""

THIS_MACHINE = "127.0.0.1"
"""Who is served where the address names no host: pictures of patients leave the machine only when that is asked for."""

MOST_CLIENTS = 4
POLL_S = 0.2
"""How long one wait lasts; closing is noticed within it."""

STALLED_S = 5.0
"""A client that takes nothing for this long is let go."""


class IgtlPublisher:
    """A sink that serves every scene to whoever is connected. Never waits for them: the newest scene wins.

    Names of the messages, lengths in millimetres where the scale is verified, else in pixels: IMAGE `Image`; POINT
    `Needle` (entry, shaft end, and the tip while it is seen or predicted) and `Targets` (centres; a structure that is
    lost is not in it); TRANSFORM `NeedleTipToImage` only while the tip is seen; STRING `Guidance`, the JSON line of
    `rtguide track`, and `Advice`. Everything of one scene carries one time stamp.

    Raises
    ------
    ConfigError
        The address is written wrongly.
    RecordingError
        The port cannot be served.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        host, port = _host_and_port(address)
        self._clock = clock
        try:
            self._listener = socket.create_server((host, port), reuse_port=False)
        except (OSError, OverflowError) as error:
            raise RecordingError(f"{address}: cannot be served ({error}); choose another port or host") from error
        self._listener.settimeout(POLL_S)
        self._host, self._port = host, int(self._listener.getsockname()[1])
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._clients: list[_Client] = []
        self._thread = threading.Thread(target=self._accept, name="rtguide-igtl-accept", daemon=True)
        self._thread.start()

    @property
    def location(self) -> str:
        """The address that is served."""
        return f"igtl://{self._host}:{self._port}"

    @property
    def client_count(self) -> int:
        """How many are connected."""
        with self._lock:
            return sum(client.is_alive for client in self._clients)

    def write_frame(self, frame: Frame) -> None:
        """Nothing: a picture is sent with what was found in it, so that no overlay lands on another one."""

    def write_scene(self, scene: Scene) -> None:
        """Hand the scene to every client; those who are still busy with the last one skip to it."""
        with self._lock:
            self._clients = [client for client in self._clients if client.is_alive]
            clients = tuple(self._clients)
        if not clients:
            return
        now_ns = self._clock.now_ns()
        time_ns = self._clock.wall_ns() - (now_ns - scene.frame.t_capture_ns)
        line = json.dumps(track_line(scene), ensure_ascii=False)
        data = b"".join(scene_messages(scene, time_ns, line))
        for client in clients:
            client.offer(data)

    def declare_lost(self, seq: int, why: LostWhy = LostWhy.DISK) -> None:
        """Nothing: who is connected sees what is newest."""

    def close(self) -> None:
        """Stop serving; may be called twice and from any thread."""
        self._closed.set()
        self._thread.join(4 * POLL_S)
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()

    def _accept(self) -> None:
        with self._listener:
            while not self._closed.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    self._closed.wait(POLL_S)  # e.g. no more file handles just now
                    continue
                with self._lock:
                    self._clients = [client for client in self._clients if client.is_alive]
                    if len(self._clients) >= MOST_CLIENTS or self._closed.is_set():
                        connection.close()
                        continue
                    self._clients.append(_Client(connection))


class _Client:
    """One who is connected: a slot for the newest scene, and a thread that sends it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(STALLED_S)
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._closed, self._fresh = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._newest: bytes | None = None
        self._thread = threading.Thread(target=self._send, name="rtguide-igtl-client", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return not self._closed.is_set()

    def offer(self, data: bytes) -> None:
        with self._lock:
            self._newest = data
            self._fresh.set()

    def close(self) -> None:
        self._closed.set()
        self._fresh.set()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)  # ends a send that waits
        self._thread.join(4 * POLL_S)

    def _send(self) -> None:
        with self._connection:
            while not self._closed.is_set():
                if not self._fresh.wait(POLL_S):
                    continue
                with self._lock:
                    data, self._newest = self._newest, None
                    self._fresh.clear()
                if data is None:
                    continue
                try:
                    self._connection.sendall(data)
                except OSError:
                    break  # gone, or stalled: a half-sent message cannot be mended, so the connection ends
        self._closed.set()


def _host_and_port(address: str) -> tuple[str, int]:
    """Host and port of `igtl://HOST:PORT`, each with its default."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or THIS_MACHINE, USUAL_PORT if parts.port is None else parts.port
    except ValueError:
        parts, host, port = None, "", 0
    if parts is None or parts.scheme != "igtl" or parts.path.strip("/") or parts.query:
        raise ConfigError(f"{address!r} cannot be served; write igtl://:18944, or igtl://0.0.0.0:18944 for others")
    return host, port
