"""A damaged network stream: served by a server of our own, read as any other."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from devices import network_stream
from devices.network_stream import NetworkStreamSource
from fuzzing import Damaged, outcome
from rtguide.clock import SystemClock
from video_files import write_video


class _Served(BaseHTTPRequestHandler):
    """Sends the damaged bytes as a stream without an announced end."""

    data: ClassVar[bytes] = b""
    port: ClassVar[int] = 0
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def served_clip(folder: Path) -> list[bytes]:
    """A good stream; begins to serve whatever `read_stream` puts in its place."""
    network_stream.OPEN_TIMEOUT_S, network_stream.READ_TIMEOUT_S = 0.5, 0.2
    network_stream.RECONNECT_EVERY_S = 0.05
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Served)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Served.port = server.server_address[1]
    times = [40 * index for index in range(80)]  # a second is spent on finding out what it is
    return [write_video(folder / "a.ts", "mpeg4", "yuv420p", is_smooth=True, times_ms=times).read_bytes()]


def read_stream(damaged: Damaged) -> int:
    """Whether a picture comes out of it."""
    _Served.data = damaged.data
    source = outcome(NetworkStreamSource, f"http://127.0.0.1:{_Served.port}/endless.ts", SystemClock())
    if source is None:
        return 0
    frame = outcome(source.read, 0.05)
    source.close()
    return int(frame is not None)
