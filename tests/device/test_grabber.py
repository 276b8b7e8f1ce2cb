"""The frame grabber on a real driver: the kernel's virtual HDMI grabber, in a virtual machine that is booted once.

`in_guest.py` does things to it and writes down what came of them; here it is judged. The machine is emulated and slow:
nothing is held to a time but by the driver's own clock.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "cpio": "cpio", "v4l2-ctl": "v4l-utils"}
BOOT_LIMIT_S = 420

pytestmark = [pytest.mark.device, pytest.mark.timeout(BOOT_LIMIT_S + 60)]


def why_not() -> str | None:
    """Why the machine cannot be booted here; None where it can."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [name for tool, name in TOOLS.items() if not any((Path(p) / tool).exists() for p in path.split(":"))]
    if not sys.platform.startswith("linux"):
        return "the virtual machine needs Linux"
    if missing:
        return f"the virtual machine needs the Debian packages {' '.join(missing)}"
    for place in (ROOT, Path(sys.prefix)):
        if place.is_relative_to("/tmp") or place.is_relative_to("/run"):
            return f"{place} cannot be seen inside the virtual machine; use a folder outside /tmp and /run"
    return None


@pytest.fixture(scope="module")
def facts(tmp_path_factory) -> dict[str, Any]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    out = tmp_path_factory.mktemp("guest")
    done = subprocess.run(
        [str(HERE / "v4l2-guest"), "-o", str(out), "-t", str(BOOT_LIMIT_S - 60), "--",
         sys.executable, str(HERE / "in_guest.py")],
        cwd=ROOT, capture_output=True, text=True, timeout=BOOT_LIMIT_S, check=False,
    )  # fmt: skip
    if done.returncode == 3:
        pytest.skip(f"the kernel for the virtual machine cannot be had: {done.stderr.strip()[-200:]}")
    assert (out / "facts.json").is_file(), (done.stdout + done.stderr)[-3000:]
    return json.loads((out / "facts.json").read_text())


def of(facts: dict[str, Any], name: str) -> dict[str, Any]:
    assert name in facts, f"the virtual machine ended before {name}"
    assert "error" not in facts[name], facts[name]["error"]
    return facts[name]


CLOCK_TOLERANCE = 0.15
"""The emulated machine's clock stumbles when the host is busy (3.5 % seen over four seconds), and its driver counts
on from jiffies. Numbers that passed over the dropped fifth of the frames would still be caught; exact counting is shown
by the counter in the pictures themselves."""


def account(step: dict[str, Any]) -> tuple[int, int, float]:
    """(frames received, frames by their numbers, frames by the driver's clock) from the first to the last."""
    frames = step["frames"]
    seconds = (frames[-1][1] - frames[0][1]) / 1e9
    return len(frames), frames[-1][0] - frames[0][0] + 1, seconds * step["rate"] + 1


def test_it_is_listed_by_name_with_its_modes(facts):
    listings = dict(of(facts, "enumeration")["listings"])
    assert listings["grabber:0"].startswith("vivid (/dev/video0)")
    assert "HDMI 0" in listings["grabber:0"]
    assert "1920×1080" in listings["grabber:0?size=1920x1080&fps=5&format=YUYV"]
    assert "grabber:0?size=1280x720&fps=12.5&format=YUYV" in listings


@pytest.mark.parametrize(("name", "shape"), [("720p", [720, 1280]), ("1080p", [1080, 1920])])
def test_size_and_rate_follow_the_signal_and_are_sustained(facts, name, shape):
    step = of(facts, name)
    assert step["shape"] == shape
    assert step["rate"] == pytest.approx(60.0, abs=0.1)
    assert step["warnings"] == []
    assert all(frame[3] == shape and frame[4] == 2 for frame in step["frames"])
    received, numbered, by_clock = account(step)
    assert numbered == pytest.approx(by_clock, rel=CLOCK_TOLERANCE, abs=5)
    print(f"{name}: received {received} of {numbered} ({received / by_clock * step['rate']:.1f}/s)")
    assert received > 0.3 * numbered  # the emulated processor may be starved; what is lost is counted above


def test_colour_comes_too_and_every_frame_that_was_missed_is_counted(facts):
    step = of(facts, "1080p_colour")
    assert step["mode"].endswith("YUYV")
    assert all(frame[4] == 3 for frame in step["frames"])
    _, numbered, by_clock = account(step)
    assert numbered == pytest.approx(by_clock, rel=CLOCK_TOLERANCE, abs=5)


def test_stamps_and_numbers_rise(facts):
    for early, late in pairwise(of(facts, "1080p")["frames"]):
        assert early[0] < late[0]
        assert early[1] < late[1]
        assert early[2] < late[2]


def test_dropped_buffers_are_counted_exactly(facts):
    """Every frame's number against the counter in its own picture: of each last digit one look, and no two alike.

    vivid counts by a clock that stumbles on a busy host, and then gives one number to two pictures: to us they are two.
    """
    step = of(facts, "dropped")
    received, numbered, by_clock = account(step)
    assert numbered == pytest.approx(by_clock, rel=CLOCK_TOLERANCE, abs=5)
    assert numbered - received >= 20
    looks: dict[int, set[str]] = {}
    repeats, last = 0, None
    for seq, _, look, number in step["frames"]:
        repeats, last = repeats + (number == last), number
        looks.setdefault((seq - repeats) % 10, set()).add(look)
    assert len(looks) == 10
    assert all(len(same) == 1 for same in looks.values()), looks
    assert len(set().union(*looks.values())) == 10


def test_a_damaged_buffer_is_no_frame_but_a_gap(facts):
    step = of(facts, "damaged")
    given = step["given"]
    assert sum(is_damaged for _, is_damaged in given) == 1
    whole = [number for number, is_damaged in given if not is_damaged]
    seqs = step["seqs"][-len(whole) :]
    assert [b - a for a, b in pairwise(seqs)] == [b - a for a, b in pairwise(whole)]


def test_another_mode_than_asked_is_said(facts):
    step = of(facts, "other_mode")
    assert step["shape"] == [720, 1280]
    (warning,) = step["warnings"]
    assert "1280×720 instead of 1000×700" in warning
    assert "12.5/s instead of 60/s" in warning


def test_an_interlaced_signal_is_flagged(facts):
    step = of(facts, "interlaced")
    assert "interlaced" in step["mode"]
    assert any("interlaced" in line and "progressive" in line for line in step["warnings"])


@pytest.mark.parametrize(
    ("name", "begins", "advice"),
    [
        ("no_signal", "no signal: ", "cable"),
        ("no_lock", "no signal: ", "cable"),
        ("unplugged", "device gone: ", "plug it in again"),
    ],
)
def test_trouble_is_named_shown_and_passes(facts, name, begins, advice):
    step = of(facts, name)
    assert step["state"] == step["shown"] == "interrupted"
    assert step["text"].startswith(begins)
    assert advice in step["text"]
    assert step["frames_during"] == 0
    print(
        f"{name}: named after {step['s_after_cause_began']:.2f} s, a picture again {step['s_to_picture']:.2f} s after"
    )


def test_a_scanner_that_changes_its_resolution_goes_on_by_itself(facts):
    step = of(facts, "resized")
    assert (step["before"], step["after"]) == ([720, 1280], [480, 640])
    assert step["step"] >= 1
    assert any("sends 640×480 now, before 1280×720" in line for line in step["warnings"])
    assert step["states"] == [] or step["states"][-1][0] == "running"


def test_a_fatal_error_of_the_driver_is_survived(facts):
    states = of(facts, "fatal")["states"]
    assert states[0][0] == "interrupted"
    assert states[0][1].startswith("device failed: ")
    assert states[-1][0] == "running"


def test_what_cannot_be_opened_is_named(facts):
    assert of(facts, "busy")["text"].startswith("device busy: vivid (/dev/video0): in use")
    assert of(facts, "busy")["after"] == ""
    assert of(facts, "no_permission")["text"].startswith("no permission: ")
    assert "group video" in of(facts, "no_permission")["text"]
    nothing = of(facts, "nothing_there")
    assert "0 vivid" in nothing["number"]
    assert "0 vivid" in nothing["name"]
    assert "HDMI 0" in nothing["input"]


def test_it_closes_from_another_thread_and_opens_again(facts):
    assert of(facts, "closing")["texts"] == ["the grabber was closed"] * 2
