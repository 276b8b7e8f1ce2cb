"""A server that sends OpenIGTLink pictures and transforms, for the contract of live sources."""

import socketserver
from typing import Any

import numpy as np

from live_peers import Served, picture
from rtguide.recording.igtl_wire import pack, pack_image, pack_transform


class _Sender(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        index = 0
        try:
            while self.server.peer.wait():  # type: ignore[attr-defined]
                time_ns = 1_000_000_000 + index * 40_000_000
                matrix = np.eye(4)
                matrix[0, 3] = index
                self.request.sendall(pack("TRANSFORM", "ProbeToTracker", time_ns, pack_transform(matrix)))
                self.request.sendall(pack("STRING", "Chatter", time_ns, b"\0\3\0\1a"))
                self.request.sendall(pack("IMAGE", "Video", time_ns, pack_image(picture(index), (0.1, 0.2))))
                index += 1
        except OSError:
            return  # the receiver hung up


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet: receivers hang up as they like."""


def serve_igtl() -> Served:
    return Served(_Server(("127.0.0.1", 0), _Sender))
