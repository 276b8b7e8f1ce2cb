"""The tracked needle over the picture: its place, how it differs from the one in the picture, and a real peer."""

import math
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from igtl_programs import free_port
from rtguide.app import compose
from rtguide.app.compose import build_engine
from rtguide.app.plugins import open_source
from rtguide.app.tracked_setup import read_setup
from rtguide.clock import SystemClock
from rtguide.errors import ConfigError, DeviceError
from rtguide.model.geometry import ImageGeometry, Provenance, RectRegion
from rtguide.model.needle import NeedleMode, NeedleState, NeedleTrack, Tip, TipState
from rtguide.model.tracked_needle import TrackedSetup, agreement, place_needle
from rtguide.overlays import Freshness, OverlayOptions
from rtguide.overlays import compose as shapes_of
from rtguide.overlays.shapes import Dash, Polyline
from rtguide.overlays.tracked import tracked_words
from rtguide.ports import FrameSource
from rtguide.recording.track_lines import track_line

SETUP = TrackedSetup(((0.1, 0.0, 0.0, -20.0), (0.0, 0.1, 0.0, 0.0), (0.0, 0.0, 0.1, 0.0)), (50.0, 0.0, 0.0))


def pose(turn_deg: float = 30.0, z_mm: float = 1.5) -> np.ndarray:
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return np.array([[c, -s, 0, -30.0], [s, c, 0, 5.0], [0, 0, 1, z_mm], [0, 0, 0, 1]])


def test_the_place_in_the_picture_and_the_distance_from_its_plane() -> None:
    found = place_needle(SETUP, pose())
    assert found.tip_px == pytest.approx((333.013, 300.0), abs=0.01)
    assert found.off_plane_mm == pytest.approx(1.5)
    assert found.to_plane_rad == pytest.approx(0.0, abs=1e-9)
    assert math.dist(found.tip_px, found.shaft_px) == pytest.approx(600.0)
    with pytest.raises(ConfigError, match="the same place"):
        replace(SETUP, shaft_mm=(50.0, 0.0, 1.0))


def seen_at(tip_px: tuple[float, float], turn_deg: float) -> NeedleState:
    way = (math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg)))
    curve = tuple((tip_px[0] - s * way[0], tip_px[1] - s * way[1]) for s in (200.0, 100.0, 0.0))
    return NeedleState(
        track=NeedleTrack.LOCKED,
        mode=NeedleMode.IN_PLANE,
        pass_number=1,
        entry_px=curve[0],
        curve_px=curve,
        tip=Tip(TipState.SEEN, tip_px, (1.0, 0.0, 1.0), 2.0),
        confidence=1.0,
    )


def test_how_tracker_and_picture_differ() -> None:
    geometry = ImageGeometry((600, 800), RectRegion(0, 0, 800, 600), (0.1, 0.1), Provenance.USER)
    tracked = place_needle(SETUP, pose())
    x, y = tracked.tip_px
    same = agreement(tracked, seen_at((x, y), 30.0), geometry)
    assert same is not None
    assert (same.turn_rad, same.line_px, same.tip_px) == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)
    aside = agreement(tracked, seen_at((x + 20 * math.sin(0.5236), y - 20 * math.cos(0.5236)), 34.0), geometry)
    assert aside is not None
    assert math.degrees(aside.turn_rad) == pytest.approx(4.0, abs=0.1)
    assert aside.line_px == pytest.approx(20.0, abs=0.1)
    assert aside.line_mm == pytest.approx(2.0, abs=0.01)
    assert aside.tip_mm == pytest.approx(2.0, abs=0.01)
    assert agreement(tracked, NeedleState(), geometry) is None


def test_the_setup_is_read_and_what_is_wrong_with_it_is_said(tmp_path: Path) -> None:
    file = tmp_path / "tracked-needle.toml"
    text = "probe_from_image = [[0.1, 0, 0, -20], [0, 0.1, 0, 0], [0, 0, 0.1, 0]]\ntip_mm = [50, 0, 0]\n"
    file.write_text(text, encoding="utf-8")
    assert read_setup(file) == SETUP
    file.write_text(text + "tipp = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown key 'tipp'"):
        read_setup(file)
    file.write_text("tip_mm = [50, 0, 0]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="it needs probe_from_image"):
        read_setup(file)


PEER = """
import sys, time
import numpy as np, pyigtl
server = pyigtl.OpenIGTLinkServer(port=int(sys.argv[1]), local_server=True)
stylus = np.array(eval(sys.argv[2]))
image = np.random.default_rng(1).integers(20, 90, (1, 240, 320), dtype=np.uint8)
while True:
    if server.is_connected():
        server.send_message(pyigtl.TransformMessage(np.eye(4), device_name="ProbeToTracker"))
        server.send_message(pyigtl.TransformMessage(stylus, device_name="StylusToTracker"))
        server.send_message(pyigtl.ImageMessage(image, device_name="Image"))
    time.sleep(0.05)
"""


def opened(address: str, peer: subprocess.Popen[bytes]) -> FrameSource:
    """The peer's pictures, as soon as it listens."""
    begun, pause = time.monotonic(), threading.Event()
    while True:
        try:
            return open_source(address, SystemClock(), is_paced=True)
        except DeviceError:
            if peer.poll() is not None or time.monotonic() - begun > 90.0:
                raise
            pause.wait(0.2)


def test_a_real_peer_s_needle_is_drawn_over_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyigtl")
    monkeypatch.setattr(compose, "usual_setup", lambda: SETUP)
    port, clock = free_port(), SystemClock()
    command = [sys.executable, "-c", PEER, str(port), str(pose().tolist())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as peer:
        try:
            source = opened(f"igtl://127.0.0.1:{port}/Image", peer)
            with closing(source):
                engine, scene = build_engine(source, clock), None
                for _ in range(200):
                    frame = source.read(5.0)
                    if frame is not None and (scene := engine.process(frame)).tracked is not None:
                        break
        finally:
            peer.kill()
    assert scene is not None
    assert scene.tracked is not None
    assert scene.tracked.tip_px == pytest.approx((333.013, 300.0), abs=0.01)
    drawn = shapes_of(scene, Freshness.FRESH, OverlayOptions())
    lines = [shape for shape in drawn if isinstance(shape, Polyline) and shape.points_px[-1] == scene.tracked.tip_px]
    assert len(lines) == 1
    assert lines[0].stroke.dash is Dash.DASHED
    assert "1.5 mm off the picture's plane" in str(tracked_words(scene))
    assert track_line(scene)["tracked_needle"]["off_plane_mm"] == 1.5
