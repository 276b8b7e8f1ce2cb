"""A game pad: what its sticks mean, and SDL's own virtual pad plugged in, moved and pulled out in the live window."""

import builtins
import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rtguide.clock import ManualClock
from rtguide.model.steering import HandState, Nudge, Push
from rtguide.view.canvas import VideoCanvas
from rtguide.view.gamepad import NO_EXTRA, NO_PAD, GamePad
from rtguide.view.pad import PadReading, both, pad_push
from rtguide.view.steering import SteeringPilot, hand_rows

HAND = HandState(length_mm=80.0)


@pytest.mark.parametrize(
    ("reading", "push"),
    [
        (PadReading(), Push()),
        (PadReading(left=(0.19, -0.19), right=(-0.19, 0.19), triggers=(0.09, 0.09)), Push()),
        (PadReading(left=(1.0, -1.0)), Push(slide_mm_s=3.0, tilt_deg_s=-5.0)),
        (PadReading(right=(-1.0, 1.0)), Push(turn_deg_s=-12.0, advance_mm_s=10.0)),
        (PadReading(right=(0.0, 0.6)), Push(advance_mm_s=2.5)),
        (PadReading(right=(0.0, -32768 / 32767)), Push(advance_mm_s=-10.0)),
        (PadReading(triggers=(1.0, 1.0)), Push(pressure=1.0, inject_ml_s=0.5)),
        (PadReading(cross=(1, -1), shoulders=-1), Push(shift_mm_s=5.0, swing_deg_s=-8.0, rock_deg_s=-5.0)),
        (PadReading(right=(0.0, 1.0), is_fine=True), Push(advance_mm_s=2.5)),
    ],
)
def test_what_sticks_and_buttons_mean(reading: PadReading, push: Push) -> None:
    ours = pad_push(reading)
    for name in Push.__dataclass_fields__:
        assert getattr(ours, name) == pytest.approx(getattr(push, name)), name


def test_keys_and_pad_add_up_and_the_harder_lean_counts() -> None:
    assert both(Push(slide_mm_s=3.0, pressure=1.0), Push(slide_mm_s=-1.0, pressure=0.4)) == Push(
        slide_mm_s=2.0, pressure=1.0
    )


def test_without_the_extra_there_is_a_line_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pygame"):
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    pad = GamePad()
    pad.open()
    assert pad.poll() is None
    assert "pip install rtguide[gamepad]" in pad.note == NO_EXTRA
    assert any(NO_EXTRA in row for row in hand_rows(HAND, pad.rows()))


class VirtualPad:
    """SDL's virtual game pad, in the very library that pygame has loaded."""

    def __init__(self) -> None:
        pygame = pytest.importorskip("pygame", reason="needs the extra rtguide[gamepad]")
        pygame.display.init()
        maps = Path("/proc/self/maps")
        lines = maps.read_text().splitlines() if maps.exists() else []
        loaded = [line.split()[-1] for line in lines if "libSDL2-2" in line]
        if not loaded:
            pytest.skip("SDL's library is found on Linux only: no virtual pad")
        self._sdl = ctypes.CDLL(loaded[0])
        self._sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
        self._sdl.SDL_JoystickSetVirtualAxis.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int16]
        self._sdl.SDL_JoystickSetVirtualButton.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8]
        self._sdl.SDL_JoystickClose.argtypes = [ctypes.c_void_p]
        self.index = -1

    def plug(self) -> None:
        self.index = self._sdl.SDL_JoystickAttachVirtual(1, 6, 15, 0)
        assert self.index >= 0
        self._stick = self._sdl.SDL_JoystickOpen(self.index)
        for trigger in (4, 5):
            self.axis(trigger, -32768)

    def axis(self, number: int, value: int) -> None:
        assert self._sdl.SDL_JoystickSetVirtualAxis(self._stick, number, value) == 0

    def button(self, number: int, *, is_down: bool) -> None:
        assert self._sdl.SDL_JoystickSetVirtualButton(self._stick, number, int(is_down)) == 0

    def unplug(self) -> None:
        if self.index >= 0:
            self._sdl.SDL_JoystickDetachVirtual(self.index)
            self._sdl.SDL_JoystickClose(self._stick)
            self.index = -1


class FakeHands:
    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.restarts = 0

    def state(self) -> HandState:
        return HAND

    def push(self, push: Push) -> None:
        self.pushes.append(push)

    def nudge(self, nudge: Nudge) -> None:
        raise AssertionError(f"a pad pushes, it does not nudge: {nudge}")

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def pilot(qtbot: QtBot, clock: ManualClock) -> Iterator[SteeringPilot]:
    window = QWidget()
    qtbot.addWidget(window)
    canvas = VideoCanvas()
    canvas.setParent(window)
    pilot = SteeringPilot(canvas, clock, lambda: False)
    pilot._timer.setInterval(1_000_000)  # the test ticks itself
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    yield pilot
    pilot.let_go()


@pytest.mark.qt
def test_a_pad_is_plugged_in_moved_and_pulled_out(pilot: SteeringPilot, qtbot: QtBot) -> None:
    hands = FakeHands()
    pilot.take(hands)
    virtual = VirtualPad()
    pilot.tick()
    if pilot.pad.note != NO_PAD:
        pytest.skip(f"a real pad is plugged in: {pilot.pad.note}")
    assert NO_PAD in pilot.panel.text()
    try:
        for _ in range(2):  # and once more after it was pulled out
            virtual.plug()
            pilot.tick()
            assert "left stick" in pilot.panel.text()
            hands.pushes.clear()
            pilot.tick()
            assert hands.pushes == [], "a pad at rest moves nothing"
            virtual.axis(3, 32767)
            pilot.tick()
            assert hands.pushes == [Push(advance_mm_s=10.0)]
            virtual.axis(5, 32767)
            pilot.tick()
            assert hands.pushes[-1] == Push(advance_mm_s=10.0, inject_ml_s=0.5)
            before = hands.restarts
            virtual.button(6, is_down=True)
            pilot.tick()
            pilot.tick()
            assert hands.restarts == before + 1, "once a press"
            other = QWidget()
            qtbot.addWidget(other)
            with qtbot.waitActive(other, timeout=60_000):
                other.show()
                other.activateWindow()
            pilot.tick()
            assert hands.pushes[-1] == Push(), "another window is in front"
            other.close()
            window = pilot._canvas.window()
            with qtbot.waitActive(window, timeout=60_000):
                window.activateWindow()
            pilot.tick()
            assert hands.pushes[-1].advance_mm_s == 10.0
            virtual.unplug()
            pilot.tick()
            assert hands.pushes[-1] == Push(), "pulled out while advancing: the hands rest"
            assert NO_PAD in pilot.panel.text()
    finally:
        virtual.unplug()
