"""Streams from a peer in another process (UDP) and from a server of motion JPEG (HTTP)."""

import io
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from devices import network_stream
from devices.network_stream import NetworkStreamSource, _StreamTimes
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.frame import SourceKind
from stream_peer import Peer, level
from video_files import write_video

SECOND = 1_000_000_000


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def udp():
    url = f"udp://127.0.0.1:{free_port()}"
    peer = Peer(url)
    try:
        source = open_source(url, SystemClock(), is_paced=True)
    except BaseException:
        peer.stop()
        raise
    yield peer, source
    source.close()
    peer.stop()


def read_next(source, tries=50):
    """The next frame, waiting as long as it takes."""
    for _ in range(tries):
        frame = source.read(0.2)
        if frame is not None:
            return frame
    raise AssertionError("no picture came")


def test_a_udp_stream(udp):
    _, source = udp
    assert source.info.kind is SourceKind.LIVE
    assert source.info.shape_px == (96, 160)
    assert source.info.rate_hz == pytest.approx(25)
    assert source.info.frame_count is None
    frames = [read_next(source) for _ in range(10)]
    assert all(a.seq < b.seq and a.t_device_ns < b.t_device_ns for a, b in pairwise(frames))
    for early, late in pairwise(frames):
        steps = late.seq - early.seq
        assert late.t_device_ns - early.t_device_ns == pytest.approx(steps * SECOND / 25, abs=1e6)
    shown = [int(frame.pixels.mean()) for frame in frames]
    assert np.ptp(np.array(shown) - [frame.seq for frame in frames]) <= 10  # brightness follows the number


def test_the_newest_picture_wins_and_the_gap_shows(udp):
    peer, source = udp
    before = read_next(source)
    last = peer.wait_for_more(40)
    newest = read_next(source)
    assert newest.seq - before.seq >= 30
    studio = level(last)
    full = (studio - 16) * 255 / 219
    assert abs(newest.pixels.mean() - full) <= 8  # at most some 6 pictures (0.25 s) behind what was just sent


def test_none_while_nothing_comes_then_on_again(udp):
    peer, source = udp
    before = read_next(source)
    peer.tell("pause")
    for _ in range(50):
        if source.read(0.15) is None:
            break
    else:
        pytest.fail("a paused stream went on")
    assert source.read(0.0) is None
    peer.tell("run")
    after = read_next(source)
    assert after.t_device_ns > before.t_device_ns
    assert after.seq > before.seq


def test_another_size_ends_it_with_a_reason(udp):
    peer, source = udp
    peer.tell("size 96 64")

    def read_on():
        for _ in range(200):
            source.read(0.2)

    with pytest.raises(DeviceError, match="96×64 pixels now, before 160×96"):
        read_on()


class MotionJpeg(BaseHTTPRequestHandler):
    """Twelve pictures, then the connection ends; `/guarded` wants a password, `/file` is a file."""

    protocol_version = "HTTP/1.0"
    file = b""
    served = 0

    def do_GET(self):
        if self.path.startswith("/guarded"):
            self.send_error(401)
        elif self.path.startswith(("/file", "/endless")):
            self.send_response(200)
            if self.path.startswith("/file"):
                self.send_header("Content-Length", str(len(self.file)))
            self.end_headers()
            self.wfile.write(self.file)
        elif self.path.startswith("/stream"):
            type(self).served += 1
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=part")
            self.end_headers()
            self.send_pictures()
        else:
            self.send_error(404)

    def send_pictures(self):
        for index in range(12):
            spool = io.BytesIO()
            Image.fromarray(np.full((48, 64), 20 * index, np.uint8)).save(spool, "JPEG")
            data = spool.getvalue()
            self.wfile.write(b"--part\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(b"Content-Length: %d\r\n\r\n" % len(data) + data + b"\r\n")

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def http(monkeypatch):
    monkeypatch.setattr(network_stream, "RECONNECT_EVERY_S", 0.05)
    server = ThreadingHTTPServer(("127.0.0.1", 0), MotionJpeg)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    MotionJpeg.served = 0
    yield f"http://user:secret@127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_motion_jpeg_connects_anew_when_the_peer_hangs_up(http):
    source = NetworkStreamSource(f"{http}/stream?camera=2", SystemClock())
    assert source.info.shape_px == (48, 64)
    frames = [read_next(source)]
    while MotionJpeg.served < 4:
        frame = source.read(0.1)
        frames += [] if frame is None else [frame]
    frames.append(read_next(source))
    source.close()
    times = [frame.t_device_ns for frame in frames]
    assert times == sorted(set(times))
    assert frames[-1].seq >= 24
    assert "secret" not in source.info.name + source.info.address


def test_refusals_are_worded_and_keep_the_password(http, tmp_path, monkeypatch):
    monkeypatch.setattr(network_stream, "OPEN_TIMEOUT_S", 0.5)
    MotionJpeg.file = write_video(tmp_path / "clip.mkv").read_bytes()
    silent = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    for url, words in (
        (f"{http}/guarded", "name and password"),
        (f"{http}/nothing", "no such stream"),
        (f"{http}/file.mkv", "not live; download it"),
        (f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}/x", "nobody listens"),
        (f"http://127.0.0.1:{silent.getsockname()[1]}/x", "no answer within"),
        (f"udp://127.0.0.1:{free_port()}", "no answer within"),
        (f"rtsp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/x", "nobody listens"),
    ):
        with pytest.raises(DeviceError, match=words) as error:
            open_source(url, SystemClock(), is_paced=True)
        assert "secret" not in str(error.value)
        assert "127.0.0.1" in str(error.value)
    silent.close()


def test_a_port_that_is_taken_is_said(udp):
    _, source = udp
    with pytest.raises(DeviceError, match="another program receives there"):
        open_source(source.info.address, SystemClock(), is_paced=True)


def test_close_ends_a_waiting_reader(udp):
    peer, source = udp
    peer.tell("pause")
    outcomes = []

    def read():
        try:
            while True:
                source.read(60.0)
        except SourceEnded as end:
            outcomes.append(end)

    thread = threading.Thread(target=read)
    thread.start()
    source.close()
    source.close()
    thread.join(5)
    assert len(outcomes) == 1


def test_times_rise_over_breaks_and_lag_is_told_from_drift():
    times = _StreamTimes(0)
    assert times.stamped(100.0, 1 * SECOND) == (0, False)
    assert times.stamped(100.04, 1 * SECOND + 40_000_000) == (40_000_000, False)
    assert times.stamped(100.04, 1 * SECOND + 80_000_000)[0] == 40_000_001
    assert times.stamped(100.08, 2 * SECOND)[1]  # nearly a second late
    again = times.after_break(5 * SECOND)
    first, is_late = again.stamped(3.0, 5 * SECOND + 1)
    assert not is_late
    assert first == pytest.approx(5 * SECOND, abs=2)
    assert again.stamped(3.5, 6 * SECOND)[0] - first == SECOND // 2


def test_slow_drift_is_no_lag_but_a_slow_machine_is_hopeless():
    drifting = _StreamTimes(0)
    for second in range(4000):  # 300 ppm: 1.2 s in all
        assert not drifting.stamped(second * 0.9997, second * SECOND)[1]
    slow = _StreamTimes(0)
    own_s, host_ns, seen = 0.0, 0, []
    for _ in range(200):
        slow.stamped(own_s, host_ns)
        own_s += 0.04
        host_ns += 60_000_000
        seen.append(slow.is_hopeless(own_s, host_ns))
    assert seen.index(True) * 0.06 == pytest.approx(
        3.5, abs=0.5
    )  # 0.5 s of lag at 20 ms a picture, then 2 s of patience
