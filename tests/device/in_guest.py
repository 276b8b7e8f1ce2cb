"""Runs inside the virtual machine, beside the kernel's vivid HDMI grabber: does one thing after another to it and
writes what came of it to `$OUT/facts.json`. What must hold is asserted outside, in `test_grabber.py`.
"""

import json
import os
import subprocess
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rtguide.app.plugins import devices, open_source
from rtguide.clock import SystemClock
from rtguide.errors import RtguideError, SourceEnded
from rtguide.model.status import SourceState
from rtguide.pipeline.capture import Capture

CLOCK = SystemClock()
HDMI = "grabber:0?input=1"
LIGHT = "grabber:0?input=HDMI 0&format=GREY"
"""Pictures that need no conversion, which the emulated processor is slow at."""

PATIENCE_S = 30.0
Facts = dict[str, Any]


def control(**values: Any) -> None:
    words = ",".join(f"{name}={value}" for name, value in values.items())
    subprocess.run(["v4l2-ctl", "-d", "0", "-c", words], check=True, capture_output=True)


def signal(timings: str) -> None:
    """Let the scanner send this to the HDMI socket: the number of the menu entry is found by its name."""
    subprocess.run(["v4l2-ctl", "-d", "0", "-i", "1"], check=True, capture_output=True)
    menu = subprocess.run(["v4l2-ctl", "-d", "0", "-L"], check=True, capture_output=True, text=True).stdout
    for line in menu.splitlines():
        number, _, name = line.strip().partition(": ")
        if name == timings:
            control(dv_timings=number, dv_timings_signal_mode=4)
            return
    raise AssertionError(f"vivid has no timings {timings}")


def frames(source: Any, seconds: float) -> list[Any]:
    until, got = time.monotonic() + seconds, []
    while time.monotonic() < until:
        frame = source.read(0.1)
        if frame is not None:
            got.append((frame.seq, frame.t_device_ns, frame.t_capture_ns, frame.shape_px, frame.pixels.ndim))
    return got


def wait_for(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = what()
        if found:
            return found
    raise AssertionError("did not come about")


def refused(address: str) -> str:
    try:
        open_source(address, CLOCK, is_paced=True).close()
    except RtguideError as error:
        return str(error)
    return ""


def enumeration() -> Facts:
    listings = devices()["grabber"].list()
    return {"listings": [(item.address, item.description) for item in listings]}


def run_at(timings: str, address: str, seconds: float = 4.0) -> Facts:
    signal(timings)
    source = open_source(address, CLOCK, is_paced=True)
    try:
        frames(source, 1.0)  # the first second of the emulated machine is spent on loading code
        got = frames(source, seconds)
        info = source.info
        about = {"name": info.name, "shape": info.shape_px, "rate": info.rate_hz, "mode": str(source.mode)}
        return {"frames": got, "warnings": source.warnings, **about}
    finally:
        source.close()


def other_mode_than_asked() -> Facts:
    source = open_source("grabber:vivid?input=0&size=1000x700&fps=60&format=YUYV", CLOCK, is_paced=True)
    source.close()
    return {"shape": source.info.shape_px, "rate": source.info.rate_hz, "warnings": source.warnings}


def interlaced() -> Facts:
    signal("1920x1080i30")
    source = open_source(HDMI, CLOCK, is_paced=True)
    source.close()
    return {"warnings": source.warnings, "mode": str(source.mode)}


class Watched:
    """A capture loop as the live window has it, whose states are noted as they change."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str, int]] = []
        self.frames: list[Any] = []
        self.capture = Capture(
            lambda: open_source(LIGHT, CLOCK, is_paced=True), lambda _: None, self.frames.append, CLOCK
        )
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._look)]
        for thread in self._threads:
            thread.start()
        wait_for(lambda: len(self.frames) > 5)

    def _read(self) -> None:
        while not self._stop.is_set() and self.capture.step():
            del self.frames[:-500]

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            now = self.capture.status()
            if not self.states or self.states[-1][:2] != (now.state.value, now.text):
                self.states.append((now.state.value, now.text, CLOCK.now_ns()))

    def trouble(self, cause: Callable[[], None], mend: Callable[[], None]) -> Facts:
        """Cause trouble; how it was named and how soon, what frames came during it, whether they come again after."""
        before_ns = CLOCK.now_ns()
        known = len(self.states)
        cause()
        caused_ns = CLOCK.now_ns()

        def is_named() -> list[tuple[str, str, int]]:
            return [state for state in self.states[known:] if state[0] == SourceState.INTERRUPTED.value]

        state, text, t_ns = wait_for(is_named)[0]
        quiet_until = time.monotonic() + 1.0
        wait_for(lambda: time.monotonic() > quiet_until)
        during = sum(frame.t_capture_ns > max(caused_ns, t_ns) for frame in self.frames)
        shown = self.capture.status().state.value
        mend()
        mended_ns = CLOCK.now_ns()
        wait_for(lambda: self.frames[-1].t_capture_ns > mended_ns)
        wait_for(lambda: self.states[-1][0] == SourceState.RUNNING.value)
        return {"state": state, "text": text, "s_after_cause_began": (t_ns - before_ns) / 1e9, "shown": shown,
                "s_after_cause": (t_ns - caused_ns) / 1e9, "frames_during": during,
                "s_to_picture": (self.frames[-1].t_capture_ns - mended_ns) / 1e9}  # fmt: skip

    def close(self) -> None:
        self._stop.set()
        self.capture.close()
        for thread in self._threads:
            thread.join()


def with_watched(action: Callable[[Watched], Facts]) -> Facts:
    signal("1280x720p60")
    watched = Watched()
    try:
        return action(watched)
    finally:
        watched.close()


def no_signal(watched: Watched) -> Facts:
    return watched.trouble(lambda: control(dv_timings_signal_mode=1), lambda: control(dv_timings_signal_mode=4))


def no_lock(watched: Watched) -> Facts:
    return watched.trouble(lambda: control(dv_timings_signal_mode=2), lambda: control(dv_timings_signal_mode=4))


def unplugged(watched: Watched) -> Facts:
    """vivid plugs itself in again when nobody holds it any more: so a second hand holds it for as long as needed."""
    holder = os.open("/dev/video0", os.O_RDWR | os.O_NONBLOCK)
    return watched.trouble(lambda: control(disconnect=1), lambda: os.close(holder))


def resized(watched: Watched) -> Facts:
    """The scanner changes its resolution while it is watched."""
    known, last = len(watched.states), watched.frames[-1]
    signal("640x480p59")
    wait_for(lambda: watched.frames[-1].shape_px == (480, 640))
    wait_for(lambda: watched.states[-1][0] == SourceState.RUNNING.value)
    first = next(frame for frame in watched.frames if frame.shape_px == (480, 640))
    source = watched.capture._source
    return {"before": last.shape_px, "after": first.shape_px, "step": first.seq - last.seq, "warnings": source.warnings,
            "states": [state[:2] for state in watched.states[known:]]}  # fmt: skip


def fatal_error(watched: Watched) -> Facts:
    known, seq = len(watched.states), watched.frames[-1].seq
    control(inject_fatal_streaming_error=1)
    wait_for(lambda: any(s[0] == SourceState.INTERRUPTED.value for s in watched.states[known:]))
    wait_for(lambda: watched.states[-1][0] == SourceState.RUNNING.value and watched.frames[-1].seq > seq)
    return {"states": [state[:2] for state in watched.states[known:]]}


def damaged_buffer() -> Facts:
    """What the driver gave, seen on its way, beside the frames that came out."""
    signal("640x480p59")
    source = open_source(LIGHT, CLOCK, is_paced=True)
    given: list[tuple[int, bool]] = []
    try:
        grab = source._capture.grab

        def seen(timeout_s: float) -> Any:
            grabbed = grab(timeout_s)
            if grabbed is not None:
                given.append((grabbed.number, grabbed.pixels is None))
            return grabbed

        source._capture.grab = seen
        got = frames(source, 0.5)
        control(inject_v4l2_buf_flag_error=1)
        got += frames(source, 1.0)
        return {"given": given, "seqs": [frame[0] for frame in got]}
    finally:
        source.close()


def dropped() -> Facts:
    """Beside each frame's number, a look at the counter that the driver writes into the picture, at its last digit.

    The text is " hh:mm:ss:mmm NUMBER" in cells of 8×16 pixels from (16, 16): with three digits the last is in cell 16.
    """
    signal("1280x720p60")
    source = open_source(LIGHT, CLOCK, is_paced=True)
    try:
        wait_for(lambda: source.read(0.1) is not None and source._number > 100)
        control(percentage_of_dropped_buffers=20)
        until, got = time.monotonic() + 5.0, []
        while time.monotonic() < until:
            frame = source.read(0.1)
            if frame is not None and source._number < 1000:
                last_digit = frame.pixels[16:32, 16 + 16 * 8 : 16 + 17 * 8] > 128
                look = np.packbits(last_digit).tobytes().hex()
                got.append((frame.seq, frame.t_device_ns, look, source._number))
        return {"frames": got, "rate": source.info.rate_hz}
    finally:
        control(percentage_of_dropped_buffers=0)
        source.close()


def busy() -> Facts:
    signal("1280x720p60")
    first = open_source(HDMI, CLOCK, is_paced=True)
    text = refused(HDMI)
    first.close()
    return {"text": text, "after": refused(HDMI)}


def no_permission() -> Facts:
    Path("/dev/video0").chmod(0o600)
    os.seteuid(65534)
    try:
        return {"text": refused(HDMI)}
    finally:
        os.seteuid(0)


def nothing_there() -> Facts:
    return {"number": refused("grabber:7"), "name": refused("grabber:Epiphan"), "input": refused("grabber:0?input=9")}


def closing() -> Facts:
    """As the contract of live sources has it: closed from another thread, twice, opened again."""
    signal("1280x720p60")
    texts = []
    for _ in range(2):
        source = open_source(HDMI, CLOCK, is_paced=False)
        first = wait_for(lambda: source.read(1.0))  # noqa: B023
        copy = first.pixels.copy()
        closer = threading.Timer(0.3, source.close)
        closer.start()
        try:
            while True:
                source.read(60.0)
        except SourceEnded as end:
            texts.append(str(end))
        closer.join()
        source.close()
        assert (first.pixels == copy).all()
        assert not first.pixels.flags.writeable
    return {"texts": texts}


STEPS: dict[str, Callable[[], Facts]] = {
    "enumeration": enumeration,
    "720p": lambda: run_at("1280x720p60", LIGHT),
    "1080p": lambda: run_at("1920x1080p60", LIGHT),
    "1080p_colour": lambda: run_at("1920x1080p60", HDMI),
    "other_mode": other_mode_than_asked,
    "interlaced": interlaced,
    "closing": closing,
    "busy": busy,
    "no_permission": no_permission,
    "nothing_there": nothing_there,
    "dropped": dropped,
    "no_signal": lambda: with_watched(no_signal),
    "no_lock": lambda: with_watched(no_lock),
    "resized": lambda: with_watched(resized),
    "damaged": damaged_buffer,
    "fatal": lambda: with_watched(fatal_error),
    "unplugged": lambda: with_watched(unplugged),
}


def main() -> None:
    facts: dict[str, Facts] = {}
    for name, step in STEPS.items():
        begin = time.monotonic()
        try:
            facts[name] = step()
        except Exception:  # noqa: BLE001 - said outside, by the test that asks for it
            facts[name] = {"error": traceback.format_exc()}
        facts[name]["took_s"] = time.monotonic() - begin
        print(f"{name}: {facts[name]['took_s']:.1f} s", flush=True)
        (Path(os.environ["OUT"]) / "facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
