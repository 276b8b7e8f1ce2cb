"""A running pipeline publishes its scenes, and what is received is what was tracked."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from igtl_programs import EXAMPLES, built, free_port, running
from rtguide.app.compose import live_pipeline
from rtguide.app.plugins import open_publisher, open_source
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError, RecordingError
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.pipeline.live import LivePipeline
from rtguide.pipeline.publish import PublishFeed
from rtguide.ports import Publisher
from synthetic_scenes import Wish, scene

PATIENCE = 600


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = open_publisher("igtl://:0", SystemClock())
    yield publisher
    publisher.close()


@pytest.fixture
def feed(publisher: Publisher) -> Iterator[LivePipeline]:
    feed = live_pipeline("sim:femoral?seed=5&fps=10", publisher=publisher)
    feed.start()
    yield feed
    feed.close()


def test_what_a_client_receives_is_the_tracked_picture(publisher: Publisher, feed: LivePipeline) -> None:
    assert feed.status().served == "serving 0"
    assert feed.wait_for_scene(0, 90.0) is not None
    source = open_source(f"{publisher.location}/Image", SystemClock(), is_paced=True)
    received: Frame | None = None
    for _ in range(PATIENCE):
        received = received or source.read(0.1)
        if received is not None:
            break
    assert received is not None
    newest = feed.latest_scene()[1]
    assert newest is not None
    assert received.shape_px == newest.frame.shape_px
    assert np.asarray(received.pixels).max() > 100, "a picture, not an empty one"
    assert feed.status().served == "serving 1"
    source.close()


class Broken:
    """A publisher that fails with every second scene."""

    location = "igtl://nowhere:1"
    client_count = 0

    def __init__(self) -> None:
        self.sent: list[int] = []

    def write_scene(self, scene: Scene) -> None:
        if scene.frame.seq % 2:
            raise OSError("no route")
        self.sent.append(scene.frame.seq)

    def close(self) -> None:
        """Nothing is open."""


def test_a_publisher_that_fails_is_said_and_goes_on() -> None:
    faults: list[str] = []
    broken = Broken()
    publish = PublishFeed(broken, lambda fault: faults.append(fault.text), SystemClock())
    for seq in range(4):
        publish.offer(scene(Wish(seq=seq)))
        assert publish.step()
    assert broken.sent == [0, 2]
    assert len(faults) == 2
    assert "not served" in faults[0]
    assert "no route" in faults[0]


def test_addresses_that_cannot_be_served(publisher: Publisher) -> None:
    for address in ("http://:80", "session://x", "18944"):
        with pytest.raises(ConfigError, match="igtl://:18944"):
            open_publisher(address, SystemClock())
    with pytest.raises(RecordingError, match="choose another port"):
        open_publisher(publisher.location, SystemClock())


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.qt
def test_a_peer_receives_image_needle_and_guidance_of_the_running_window() -> None:
    pyigtl = pytest.importorskip("pyigtl")
    taken = open_publisher("igtl://:0", SystemClock())
    port = int(taken.location.rpartition(":")[2])
    live = [sys.executable, "-m", "rtguide", "live", "sim:femoral?seed=1&fps=10", "--serve", f"igtl://:{port}"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    refused = subprocess.run(live, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 1
    assert re.fullmatch(r"rtguide: .*choose another port or host\n", refused.stderr)
    taken.close()
    window = subprocess.Popen(live, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    client = None
    try:
        found, pause = {}, threading.Event()
        while not is_listening(port):  # pyigtl leaves sockets open where nobody answers yet
            assert window.poll() is None, "the window ended"
            pause.wait(0.1)
        client = pyigtl.OpenIGTLinkClient("127.0.0.1", port)
        for _ in range(1200):
            found.update({message.device_name: message for message in client.get_latest_messages()})
            if {"Image", "Advice", "Guidance"} <= found.keys():
                break
            assert window.poll() is None, "the window ended"
            pause.wait(0.1)
        assert {"Image", "Advice", "Guidance"} <= found.keys()
        assert found["Image"].image.shape[1:3] == (720, 1280)
        assert found["Guidance"].string.startswith('{"frame":')
    finally:
        if client is not None:
            client.stop()
        window.kill()
        window.communicate(timeout=60)


@pytest.mark.qt
@pytest.mark.device
def test_the_running_window_between_two_programs_of_the_c_library(tmp_path: Path) -> None:
    """Pictures and words come from C++ servers, and what is tracked goes to a C++ client."""
    server, words, client = (
        built(name, tmp_path) for name in ("Imager/ImagerServer", "String/StringServer", "Receiver/ReceiveClient")
    )
    ports = [free_port() for _ in range(3)]
    source, side, served = (f"igtl://127.0.0.1:{port}" for port in ports)
    live = [sys.executable, "-m", "rtguide", "live", f"{source}/ImagerClient", "--serve", served]
    live += ["--side", f"words={side}/StringMessage"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    pause, log = threading.Event(), tmp_path / "log"

    def wait_until(is_so: Callable[[], bool], window: subprocess.Popen[str]) -> None:
        for _ in range(1200):
            if is_so():
                return
            assert window.poll() is None, "the window ended"
            pause.wait(0.1)
        raise AssertionError("it never came to be")

    with running(server, ports[0], 10, EXAMPLES / "Imager/img"), running(words, ports[1], 10):
        window = subprocess.Popen(live, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            wait_until(lambda: is_listening(ports[2]), window)
            with running(client, "127.0.0.1", ports[2], log=log):
                wait_until(lambda: log.read_text(errors="replace").count("Receiving IMAGE") >= 5, window)
        finally:
            window.kill()
            window.communicate(timeout=60)
    text = log.read_text(errors="replace")
    assert "Dimensions            : (256, 256, 1)" in text  # printed only where the checksum holds
    assert '{"frame":' in text
    assert '"needle": {"state":' in text
