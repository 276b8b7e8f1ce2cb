"""`rtguide devices`: what is there, and how everything else is written."""

import json

import pytest

from devices.grabber_capture import Trouble
from grabber_peer import plug_in
from rtguide.app.cli import run
from rtguide.app.plugins import names


def output(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        run(["devices", *arguments])
    assert ended.value.code == 0
    return str(capsys.readouterr().out)


def test_every_way_of_opening_is_listed_once(capsys):
    peer = plug_in()
    try:
        rows = json.loads(output(capsys, "--json"))
    finally:
        peer.stop()
    pairs = [(row["address"], row["description"]) for row in rows]
    assert len(pairs) == len(set(pairs))
    addresses = {row["address"]: row["is_pattern"] for row in rows}
    assert addresses["grabber:0?size=64x48&fps=25&format=YUYV"] is False
    assert addresses["sim:femoral"] is False
    assert addresses["rtsp://HOST/PATH"] is True
    assert addresses["igtl://HOST:18944/NAME"] is True
    assert {"serial:PORT?baud=9600&unit=mA", "lsl:NAME?channel=0", "mic:default"} <= addresses.keys()
    text = " ".join(row["description"] for row in rows)
    assert all(suffix in text for suffix in (".mp4", ".dcm", ".igs.mha", ".seq.nrrd", ".png", "session.json"))
    assert {row["device"] for row in rows} | {"http", "https", "udp", "rtsp"} >= set(names("devices"))


def test_it_says_that_there_is_no_grabber(capsys):
    peer = plug_in()
    try:
        peer.trouble = Trouble.GONE
        text = output(capsys)
    finally:
        peer.stop()
    assert text.startswith("no frame grabber is plugged in")
    assert "sim:femoral" in text
