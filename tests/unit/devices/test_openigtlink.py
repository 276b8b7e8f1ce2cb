"""OpenIGTLink against pyigtl's messages, and against the C++ library's own programs in other processes."""

import socket
import threading
from contextlib import closing

import numpy as np
import pytest

from devices import openigtlink
from igtl_peer import serve_igtl
from igtl_programs import EXAMPLES, built, free_port, running
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock, SystemClock
from rtguide.errors import ConfigError, DeviceError, RecordingError
from rtguide.guidance import guide
from rtguide.model.frame import Frame, SourceInfo, SourceKind
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import HiddenReason, NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.plan import Plan
from rtguide.model.scene import Scene, Tracking
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue, box_outline
from rtguide.recording.igtl_publisher import IgtlPublisher
from rtguide.recording.igtl_scene import scene_messages
from rtguide.recording.igtl_wire import (
    HEADER_BYTES,
    pack,
    pack_image,
)

GREY = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def unpacked_by_pyigtl(data: bytes):
    messages = pytest.importorskip("pyigtl.messages")
    found = {}
    while data:
        fields = messages.MessageBase.parse_header(data[:HEADER_BYTES])
        end = HEADER_BYTES + fields["body_size"]
        message = messages.MessageBase.create_message(fields["message_type"])
        message.unpack(fields, data[HEADER_BYTES:end])
        found[message.device_name] = message
        data = data[end:]
    return found


SHAPE = (60, 80)
VERIFIED = ImageGeometry(SHAPE, RectRegion(0.0, 0.0, 80.0, 60.0), (0.5, 0.25), Provenance.DICOM)
NERVE = StructureState(
    "nerve N°1",
    StructureKind.STRUCTURE,
    Tissue.NERVE,
    Role.BOTH,
    StructureTrack.TRACKED,
    box_outline(30, 40, 10, 8),
    0.9,
)
VEIN = StructureState("vein", StructureKind.STRUCTURE, Tissue.VEIN, Role.AVOID, StructureTrack.LOST, (), 0.0)


def scene(tip: Tip, geometry: ImageGeometry = VERIFIED, seq: int = 3) -> Scene:
    pixels = np.random.default_rng(seq).integers(0, 256, SHAPE, dtype=np.uint8)
    needle = NeedleState(
        NeedleTrack.LOCKED, NeedleMode.IN_PLANE, 1, (70.0, 10.0), ((70.0, 10.0), (50.0, 30.0)), None, tip, 0.9
    )
    tracking = Tracking(needle, (), (NERVE, VEIN))
    info = SourceInfo("somewhere", SourceKind.LIVE, SHAPE)
    return Scene(Frame(seq, 5, 7, pixels), info, geometry, Plan(), tracking, guide(tracking, Plan(), geometry), 9)


SEEN = Tip(TipState.SEEN, (50.0, 30.0), (1.0, 0.0, 1.0), 1.5)


def test_a_scene_as_pyigtl_reads_it():
    one = scene(SEEN)
    found = unpacked_by_pyigtl(b"".join(scene_messages(one, 1_700_000_000_250_000_000, '{"frame": 3}')))
    assert set(found) == {"Image", "Needle", "Targets", "NeedleTipToImage", "Advice", "Guidance"}
    np.testing.assert_array_equal(found["Image"].image[0], one.frame.pixels)
    np.testing.assert_allclose(found["Image"].ijk_to_world_matrix, np.diag([0.5, 0.25, 1, 1]), atol=1e-6)
    assert found["Image"].timestamp == pytest.approx(1_700_000_000.25)
    assert found["Needle"].names == ["entry", "shaft end", "tip seen"]
    assert found["Needle"].positions[2] == pytest.approx((25.0, 7.5, 0.0))
    assert found["Targets"].names == ["nerve N°1"]  # the lost one has no place
    assert found["Targets"].groups == ["both"]
    assert found["Targets"].positions[0] == pytest.approx((17.5, 11.0, 0.0))
    tip = found["NeedleTipToImage"].matrix
    assert tip[:3, 3] == pytest.approx((25.0, 7.5, 0.0))
    assert tip[:3, 0] == pytest.approx(np.array([-10.0, 5.0, 0.0]) / np.hypot(10, 5))
    assert np.linalg.det(tip) == pytest.approx(1.0)
    assert found["Guidance"].string == '{"frame": 3}'


@pytest.mark.parametrize("tip", [Tip(TipState.HIDDEN, hidden_reason=HiddenReason.STEEP), Tip()])
def test_a_tip_that_is_not_seen_is_not_sent(tip):
    found = unpacked_by_pyigtl(b"".join(scene_messages(scene(tip), 0, "{}")))
    assert "NeedleTipToImage" not in found
    assert found["Needle"].names == ["entry", "shaft end"]


def test_a_predicted_tip_is_named_so_and_an_unverified_scale_is_pixels():
    geometry = ImageGeometry(SHAPE, VERIFIED.region, (0.5, 0.25), Provenance.GUESS)
    predicted = Tip(TipState.PREDICTED, (50.0, 30.0), (1.0, 0.0, 1.0), 1.5)
    found = unpacked_by_pyigtl(b"".join(scene_messages(scene(predicted, geometry), 0, "{}")))
    assert found["Needle"].names[-1] == "tip predicted"
    assert found["Needle"].positions[-1] == pytest.approx((50.0, 30.0, 0.0))
    assert "NeedleTipToImage" not in found


@pytest.fixture
def publisher():
    publisher = IgtlPublisher("igtl://127.0.0.1:0", SystemClock())
    yield publisher
    publisher.close()


def offer_until(publisher, is_done, tries=400):
    """Scene after scene, until the other side has what it needs."""
    pause = threading.Event()
    for seq in range(tries):
        publisher.write_scene(scene(SEEN, seq=seq))
        if is_done():
            return
        pause.wait(0.02)
    raise AssertionError("the other side did not get it")


def test_what_is_published_can_be_received_as_a_source(publisher):
    opened = []
    opener = threading.Thread(
        target=lambda: opened.append(open_source(f"{publisher.location}/Image", SystemClock(), is_paced=True))
    )
    opener.start()
    offer_until(publisher, lambda: bool(opened))
    opener.join(10)
    (source,) = opened
    assert source.info.shape_px == SHAPE
    assert source.warnings == ()
    frames = []
    offer_until(publisher, lambda: (frame := source.read(0.0)) is not None and not frames.append(frame))
    assert any(np.array_equal(frames[0].pixels, scene(SEEN, seq=seq).frame.pixels) for seq in range(400))
    assert source.transform("NeedleTipToImage").matrix[0, 3] == pytest.approx(25.0)
    source.close()


def test_a_client_that_takes_nothing_holds_up_nobody(publisher):
    host, port = publisher.location.removeprefix("igtl://").split(":")
    with socket.create_connection((host, int(port))) as idle, socket.create_connection((host, int(port))) as eager:
        offer_until(publisher, lambda: publisher.client_count == 2)
        eager.settimeout(10)
        received = bytearray()
        reader = threading.Thread(target=lambda: [received.extend(eager.recv(1 << 16)) for _ in range(50)])
        reader.start()
        offer_until(publisher, lambda: not reader.is_alive())
        reader.join(10)
        assert len(received) > 50_000
        assert idle.fileno() >= 0


def test_a_port_that_is_taken_and_addresses_that_are_none(publisher):
    with pytest.raises(RecordingError, match="choose another port"):
        IgtlPublisher(publisher.location, SystemClock())
    for address in ("18944", "http://:18944", "igtl://:x", "igtl://host:1/name"):
        with pytest.raises(ConfigError, match="cannot be served"):
            IgtlPublisher(address, ManualClock())


@pytest.fixture
def peer():
    peer = serve_igtl()
    yield peer
    peer.stop()


def test_pictures_and_transforms(peer):
    source = open_source(f"igtl://127.0.0.1:{peer.port}", SystemClock(), is_paced=True)
    frames = [source.read(5.0) for _ in range(5)]
    assert [frame.t_device_ns for frame in frames] == [frame.seq * 40_000_000 for frame in frames]
    assert source.transform_names() == ("ProbeToTracker",)
    assert source.transform("ProbeToTracker").matrix[0, 3] >= frames[-1].seq
    assert source.transform("Stylus") is None
    assert {tuple(round(side, 6) for side in frame.spacing_mm) for frame in frames} == {(0.1, 0.2)}
    assert source.warnings == ()
    source.close()


def test_a_name_that_is_not_sent_is_refused_with_those_that_are(peer, monkeypatch):
    monkeypatch.setattr(openigtlink, "FIRST_PICTURE_S", 0.5)
    with pytest.raises(DeviceError, match=r"name 'Other' .*IMAGE Video, STRING Chatter, TRANSFORM ProbeToTracker"):
        open_source(f"igtl://127.0.0.1:{peer.port}/Other", SystemClock(), is_paced=True)


def test_a_peer_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setattr(openigtlink, "FIRST_PICTURE_S", 2.0)
    with feeding(b"HTTP/1.0 400 Bad Request\r\n" * 10) as port, pytest.raises(DeviceError, match="no OpenIGTLink"):
        open_source(f"igtl://127.0.0.1:{port}", SystemClock(), is_paced=True)


class feeding:  # noqa: N801 - reads as a verb
    """A server that sends these bytes to whoever comes, and hangs up."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> int:
        self._thread.start()
        return self._server.getsockname()[1]

    def __exit__(self, *_) -> None:
        self._is_over.set()
        self._thread.join(10)
        self._server.close()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    connection.sendall(self.data)
                except OSError:
                    continue


def test_a_stream_that_turns_to_noise_ends_with_one_of_our_errors():
    good = pack("IMAGE", "Video", 10**9, pack_image(GREY, (1.0, 1.0)))

    def read_on(port):
        source = open_source(f"igtl://127.0.0.1:{port}", SystemClock(), is_paced=True)
        with closing(source):
            for _ in range(20):
                source.read(1.0)

    with feeding(good + b"\xff" * 500) as port, pytest.raises(DeviceError, match="no OpenIGTLink"):
        read_on(port)


@pytest.mark.device
def test_pictures_from_the_c_library(tmp_path):
    program, port = built("Imager/ImagerServer", tmp_path), free_port()
    raw = [np.fromfile(EXAMPLES / f"Imager/img/igtlTestImage{i}.raw", np.uint8).reshape(256, 256) for i in range(1, 6)]
    with running(program, port, 25, EXAMPLES / "Imager/img"):
        source = opened_when_up(f"igtl://127.0.0.1:{port}/ImagerClient")
        assert source.info.shape_px == (256, 256)
        frames = [frame for _ in range(20) if (frame := source.read(2.0)) is not None]
        assert len(frames) >= 10
        for frame in frames:
            np.testing.assert_array_equal(frame.pixels, raw[frame.seq % 5])
        source.close()


@pytest.mark.device
def test_the_c_library_takes_everything_that_is_published(tmp_path, publisher):
    program = built("Receiver/ReceiveClient", tmp_path)
    host, port = publisher.location.removeprefix("igtl://").split(":")
    log = tmp_path / "log"
    with running(program, host, port, log=log):
        offer_until(publisher, lambda: log.read_text(errors="replace").count("Receiving IMAGE") >= 5)
    text = log.read_text(errors="replace")
    assert "Dimensions            : (80, 60, 1)" in text  # printed only where the checksum holds
    assert "Spacing               : (0.5, 0.25, 1)" in text
    assert "Name      : tip seen" in text
    assert "Position  : ( 25.000000, 7.500000, 0.000000 )" in text
    assert "Name      : nerve N°1" in text
    assert "Receiving TRANSFORM" in text
    assert '"tip": {"state": "seen"' in text


@pytest.mark.device
def test_a_tracker_without_pictures_is_refused_by_what_it_sends(tmp_path, monkeypatch):
    monkeypatch.setattr(openigtlink, "FIRST_PICTURE_S", 1.0)
    program, port = built("Tracker/TrackerServer", tmp_path), free_port()
    with running(program, port, 25), pytest.raises(DeviceError, match="it sends: TRANSFORM"):
        opened_when_up(f"igtl://127.0.0.1:{port}")


def opened_when_up(address: str):
    pause = threading.Event()
    for _ in range(100):
        try:
            return open_source(address, SystemClock(), is_paced=True)
        except DeviceError as error:
            if "nobody listens" not in str(error):
                raise
        pause.wait(0.05)
    raise AssertionError("the server did not come up")


@pytest.mark.parametrize(
    ("said", "taken"),
    [((0.1, 0.2), (0.1, 0.2)), ((1.0, 1.0), None), ((0.0, 0.0), None), ((25.4, 25.4), None), ((0.1, -0.1), None)],
)
def test_sizes_of_pixels_that_say_nothing_or_cannot_be_are_not_taken(said, taken):
    assert openigtlink._believable(said) == taken
