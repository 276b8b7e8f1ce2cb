"""What every live source must do, over the entry points of the group `rtguide.devices` that need a peer.

A new one needs one entry in `PEERS`: how to start its peer, the address that reaches it, and addresses to be refused.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from grabber_peer import plug_in
from igtl_peer import serve_igtl
from live_names import LIVE
from live_peers import serve_http, serve_https, serve_rtsp
from rtguide.app.plugins import open_source
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError, DeviceError, RtguideError
from rtguide.model.frame import Frame, SourceKind
from rtguide.ports import FrameSource, SeekableSource
from stream_peer import Peer

JOIN_S = 20.0
COUNT = 8


@dataclass(frozen=True)
class LivePeer:
    """Something that sends, by its address. pause, run: no picture comes until it runs again."""

    address: str
    pause: Callable[[], None]
    run: Callable[[], None]
    stop: Callable[[], None]
    bad: tuple[str, ...]


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def udp_peer(_: Path) -> LivePeer:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    peer = Peer(url)
    return LivePeer(
        url, lambda: peer.tell("pause"), lambda: peer.tell("run"), peer.stop, ("udp:", "udp://", "udp://127.0.0.1")
    )


def http_peer(_: Path) -> LivePeer:
    peer = serve_http()
    bad = (
        f"http://127.0.0.1:{peer.port}/none",
        f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}/stream",
        "http:",
        "http:///stream",
    )
    return LivePeer(f"http://127.0.0.1:{peer.port}/stream?camera=1", peer.pause, peer.run, peer.stop, bad)


def https_peer(folder: Path) -> LivePeer:
    peer = serve_https(folder)
    if peer is None:
        pytest.skip("there is no openssl command here to make a certificate with")
    bad = (f"https://127.0.0.1:{peer.port}/none", f"https://127.0.0.1:{free_port(socket.SOCK_STREAM)}/stream")
    return LivePeer(f"https://127.0.0.1:{peer.port}/stream", peer.pause, peer.run, peer.stop, bad)


def rtsp_peer(_: Path) -> LivePeer:
    peer = serve_rtsp()
    bad = (f"rtsp://127.0.0.1:{peer.port}/none", f"rtsp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/stream")
    return LivePeer(f"rtsp://127.0.0.1:{peer.port}/stream", peer.pause, peer.run, peer.stop, bad)


def igtl_peer(_: Path) -> LivePeer:
    peer = serve_igtl()
    bad = (f"igtl://127.0.0.1:{free_port(socket.SOCK_STREAM)}", "igtl://", f"igtl://127.0.0.1:{peer.port}/Video?fps=2")
    return LivePeer(f"igtl://127.0.0.1:{peer.port}/Video", peer.pause, peer.run, peer.stop, bad)


def grabber_peer(_: Path) -> LivePeer:
    """A stand-in for the system's reader; the real one is tested on a real driver in tests/device."""
    peer = plug_in()
    bad = (
        "grabber:7",
        "grabber:No Such Thing",
        "grabber:",
        "grabber:0?size=big",
        "grabber:0?fps=0",
        "grabber:0?rate=9",
    )
    return LivePeer("grabber:fake?size=64x48", peer.pause, peer.run, peer.stop, bad)


PEERS: dict[str, Callable[[Path], LivePeer]] = {
    "grabber": grabber_peer,
    "http": http_peer,
    "https": https_peer,
    "igtl": igtl_peer,
    "rtsp": rtsp_peer,
    "udp": udp_peer,
}


@pytest.fixture(scope="module", params=sorted(LIVE))
def peer(request, tmp_path_factory) -> Iterator[LivePeer]:
    assert request.param in PEERS, f"the device {request.param} needs an entry in PEERS"
    peer = PEERS[request.param](tmp_path_factory.mktemp(request.param))
    yield peer
    peer.stop()


@pytest.fixture
def source(peer) -> Iterator[FrameSource]:
    source = open_source(peer.address, SystemClock(), is_paced=True)
    yield source
    source.close()


def next_frame(source: FrameSource) -> Frame:
    for _ in range(100):
        frame = source.read(0.1)
        if frame is not None:
            return frame
    raise AssertionError("no picture came")


def test_it_describes_itself_and_gives_frames_in_order(source):
    info = source.info
    assert info.kind is SourceKind.LIVE
    assert info.name.strip() == info.name != ""
    assert info.address
    assert info.frame_count is None
    assert info.rate_hz is None or 1 < info.rate_hz < 500
    assert not isinstance(source, SeekableSource)
    frames = [next_frame(source)]
    first = frames[0].pixels.copy()
    frames += [next_frame(source) for _ in range(COUNT)]
    assert source.info == info
    assert all(frame.shape_px == info.shape_px for frame in frames)
    for early, late in pairwise(frames):
        assert early.seq < late.seq
        assert early.t_capture_ns < late.t_capture_ns
        assert early.time_ns < late.time_ns
        assert not np.shares_memory(early.pixels, late.pixels)
    assert not frames[0].pixels.flags.writeable
    np.testing.assert_array_equal(frames[0].pixels, first)
    if source.geometry is not None:
        assert source.geometry.shape_px == info.shape_px


def test_none_while_nothing_comes_and_on_again(peer, source):
    before = next_frame(source)
    peer.pause()
    try:
        for _ in range(100):
            if source.read(0.15) is None:
                break
        else:
            pytest.fail("a paused peer went on sending")
    finally:
        peer.run()
    after = next_frame(source)
    assert after.seq > before.seq
    assert after.time_ns > before.time_ns


def test_it_closes_twice_and_opens_again(peer):
    for _ in range(2):
        source = open_source(peer.address, SystemClock(), is_paced=False)
        next_frame(source)
        source.close()
        source.close()
        with pytest.raises(RtguideError):
            source.read(0.0)


def test_close_from_another_thread_ends_the_reader(source):
    begun = threading.Event()
    outcome: list[BaseException] = []

    def read() -> None:
        try:
            while True:
                source.read(60.0)
                begun.set()
        except RtguideError as error:
            outcome.append(error)

    thread = threading.Thread(target=read, name="rtguide-test-reader")
    thread.start()
    assert begun.wait(JOIN_S)
    source.close()
    thread.join(JOIN_S)
    assert not thread.is_alive()
    assert len(outcome) == 1


def test_what_cannot_be_opened_is_refused_in_one_clear_line(peer):
    for address in peer.bad:
        with pytest.raises((DeviceError, ConfigError)) as caught:
            open_source(address, SystemClock(), is_paced=False).close()
        text = str(caught.value)
        assert "\n" not in text
        assert len(text) > 25, text
        assert "Errno" not in text, text
        assert address in text, text
