"""Peers that send live video: motion JPEG over HTTP and HTTPS, RTSP with an MPEG transport stream inside."""

import io
import shutil
import socketserver
import ssl
import struct
import subprocess
import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

PERIOD_S = 0.04
SHAPE = (48, 64)


class Served:
    """A server of endless pictures on a free port of this machine. Pictures wait while it is paused."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self.server = server
        self.port = int(server.server_address[1])
        self.is_running = threading.Event()
        self.is_running.set()
        self.is_stopped = threading.Event()
        server.peer = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def pause(self) -> None:
        self.is_running.clear()

    def run(self) -> None:
        self.is_running.set()

    def stop(self) -> None:
        self.is_stopped.set()
        self.is_running.set()
        self.server.shutdown()
        self._thread.join(10)
        self.server.server_close()

    def wait(self) -> bool:
        """A picture's time; false when it is to stop."""
        return not self.is_stopped.wait(PERIOD_S) and self.is_running.wait(60) and not self.is_stopped.is_set()


def picture(index: int) -> NDArray[np.uint8]:
    """Grey noise and a level that rises, (48, 64)."""
    return np.random.default_rng(index).integers(0, 20, SHAPE, dtype=np.uint8) + np.uint8(index % 200)


class _Jpegs(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        if not self.path.startswith("/stream"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=part")
        self.end_headers()
        index = 0
        try:
            while self.server.peer.wait():  # type: ignore[attr-defined]
                spool = io.BytesIO()
                Image.fromarray(picture(index)).save(spool, "JPEG")
                data = spool.getvalue()
                head = b"--part\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
                self.wfile.write(head + data + b"\r\n")
                index += 1
        except OSError:
            return  # the receiver hung up

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet: receivers hang up as they like."""


def serve_http() -> Served:
    return Served(_Server(("127.0.0.1", 0), _Jpegs))


def serve_https(folder: Path) -> Served | None:
    """The same under a certificate of its own; None where there is no openssl to make one."""
    if shutil.which("openssl") is None:
        return None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    server = _Server(("127.0.0.1", 0), _Jpegs)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return Served(server)


class _Rtsp(socketserver.StreamRequestHandler):
    """As much of RTSP 1.0 (RFC 2326) as a receiver over TCP needs: one stream, MPEG-TS in RTP (RFC 2250)."""

    def handle(self) -> None:
        while request := self.rfile.readline().decode().split():
            headers = {}
            while line := self.rfile.readline().decode().strip():
                key, _, value = line.partition(":")
                headers[key.lower()] = value.strip()
            method, url = request[0], request[1]
            number = headers.get("cseq", "0")
            if "/stream" not in url:
                self._answer(number, "404 Not Found")
            elif method == "OPTIONS":
                self._answer(number, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
            elif method == "DESCRIBE":
                self._answer(number, "200 OK", "Content-Type: application/sdp", body=(
                    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n"
                ))  # fmt: skip
            elif method == "SETUP":
                self._answer(number, "200 OK", "Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
            elif method == "PLAY":
                self._answer(number, "200 OK", "Session: 1")
                self._play()
                return
            else:
                self._answer(number, "200 OK", "Session: 1")

    def _answer(self, number: str, status: str, *headers: str, body: str = "") -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {number}", f"Content-Length: {len(body)}", *headers, "", body]
        self.wfile.write("\r\n".join(lines).encode())

    def _play(self) -> None:
        try:
            with av.open(_RtpWriter(self.wfile), "w", format="mpegts") as container:
                stream = container.add_stream("mpeg2video", rate=25, options={"g": "5", "bf": "0"})
                stream.height, stream.width = SHAPE
                stream.pix_fmt = "yuv420p"
                index = 0
                while self.server.peer.wait():  # type: ignore[attr-defined]
                    frame = av.VideoFrame.from_ndarray(picture(index), format="gray").reformat(format="yuv420p")
                    frame.pts, frame.time_base = index, Fraction(1, 25)
                    container.mux(stream.encode(frame))
                    index += 1
        except OSError:
            return  # the receiver hung up


class _RtpWriter:
    """What a muxer writes, as RTP packets interleaved in the RTSP connection (RFC 2326, 10.12)."""

    def __init__(self, out: Any) -> None:
        self._out, self._number, self._left = out, 0, b""

    def write(self, data: bytes) -> int:
        self._left += bytes(data)
        while len(self._left) >= 188:
            size = min(len(self._left), 7 * 188) // 188 * 188
            payload, self._left = self._left[:size], self._left[size:]
            rtp = struct.pack(">BBHII", 0x80, 33, self._number & 0xFFFF, self._number * 100, 1) + payload
            self._out.write(b"$\0" + struct.pack(">H", len(rtp)) + rtp)
            self._number += 1
        return len(data)


class _RtspServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet: receivers hang up as they like."""


def serve_rtsp() -> Served:
    return Served(_RtspServer(("127.0.0.1", 0), _Rtsp))
