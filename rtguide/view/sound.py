"""Alarms and distance to be heard: off until the user wants it, in a thread of its own, which nothing waits for."""

import os
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from rtguide.clock import Clock
from rtguide.errors import DeviceError
from rtguide.model.scene import Scene
from rtguide.view.commands import Command
from rtguide.view.tones import SAMPLE_HZ, Tone, TonePlanner, ToneWish, tone_samples

__all__ = ["SOUND_COMMANDS", "Loudspeaker", "SoundDesk", "SoundMode", "open_loudspeaker"]

SOUND_COMMANDS = (Command("sound", "", ("F2",), "sound: of alarms, of the distance too, off"),)

_LOOK_EVERY_S = 0.02
_TRY_AGAIN_S = 5.0


class SoundMode(StrEnum):
    """What is heard."""

    OFF = "off"
    ALARMS = "alarms"
    DISTANCE = "alarms and distance"


class Loudspeaker(Protocol):
    """Plays a sound in place of the one before, and returns at once."""

    def play(self, tone: Tone) -> None:
        """Begin to play; a DeviceError if it can no longer."""
        ...

    def close(self) -> None:
        """Be silent."""
        ...


class _Pygame:
    """SDL's mixer, which comes with pygame-ce. error: what it raises."""

    def __init__(self, mixer: Any, error: type[Exception]) -> None:
        self._mixer, self._error = mixer, error
        self._sounds = {tone: mixer.Sound(buffer=tone_samples(tone).tobytes()) for tone in Tone}

    def play(self, tone: Tone) -> None:
        try:
            self._mixer.Channel(0).play(self._sounds[tone])
        except self._error as error:
            raise _no_loudspeaker(error) from error

    def close(self) -> None:
        self._mixer.quit()


def _no_loudspeaker(error: Exception) -> DeviceError:
    return DeviceError(f"no sound: no loudspeaker ({error}); connect one, or press F2 until sound is off")


def open_loudspeaker() -> Loudspeaker:
    """The system's own.

    Raises
    ------
    DeviceError
        There is none, it is taken, or the extra is not installed.
    """
    for name in ("PYGAME_HIDE_SUPPORT_PROMPT", "SDL_NO_SIGNAL_HANDLERS"):
        os.environ.setdefault(name, "1")
    try:
        import pygame  # noqa: PLC0415 - an extra, and only where somebody wants to hear it
        from pygame import mixer  # noqa: PLC0415
    except ImportError as error:
        raise DeviceError('sound needs pygame-ce (pip install "rtguide[sound]")') from error
    try:
        mixer.init(SAMPLE_HZ, -16, 1, 512, allowedchanges=0)
        return _Pygame(mixer, pygame.error)
    except pygame.error as error:
        raise _no_loudspeaker(error) from error


class _Player:
    """Plays what is wished for, until it is closed. wish: to be set from any thread · trouble: why it is silent."""

    def __init__(self, clock: Clock, open_speaker: Callable[[], Loudspeaker]) -> None:
        self._clock, self._open = clock, open_speaker
        self.wish, self.trouble = ToneWish(), ""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtguide-sound", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be silent; returns at once."""
        self._closed.set()

    def close(self, timeout_s: float = 1.0) -> None:
        """Be silent, and wait for it; a sound system that hangs is left behind."""
        self.stop()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._play_on(self._open())
            except DeviceError as error:
                self.trouble = str(error)
                self._closed.wait(_TRY_AGAIN_S)

    def _play_on(self, speaker: Loudspeaker) -> None:
        self.trouble, planner = "", TonePlanner()
        try:
            while not self._closed.wait(_LOOK_EVERY_S):
                tone = planner.next(self.wish, self._clock.now_ns())
                if tone is not None:
                    speaker.play(tone)
        finally:
            speaker.close()


class SoundDesk(QObject):
    """Off at first. Opens the loudspeaker when it is wanted, and says why nothing is heard."""

    changed = Signal()

    def __init__(
        self, clock: Clock, parent: QObject, open_speaker: Callable[[], Loudspeaker] = open_loudspeaker
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_speaker
        self.mode = SoundMode.OFF
        self._player: _Player | None = None
        self._ending: list[_Player] = []

    def next_mode(self) -> None:
        """Alarms, then the distance too, then off."""
        modes = list(SoundMode)
        self.mode = modes[(modes.index(self.mode) + 1) % len(modes)]
        if self.mode is SoundMode.OFF:
            self._end()
        elif self._player is None:
            self._player = _Player(self._clock, self._open)
        self.changed.emit()

    def hear(self, wish: ToneWish, scene: Scene | None) -> None:
        """What stands now. scene: None unless it may be shown; the distance is heard as it is seen, never else."""
        if self._player is None:
            return
        distance = None
        if self.mode is SoundMode.DISTANCE and scene is not None:
            distance = scene.guidance.tip_to_target_mm
        self._player.wish = ToneWish(wish.alarm, wish.since_ns, distance)

    def words(self) -> str:
        """For the status line, as short as it can be said; empty while it is off."""
        if self._player is None:
            return ""
        return self._player.trouble.partition(" (")[0] or f"sound: {self.mode}"

    def close(self) -> None:
        """Be silent, and wait until every loudspeaker is let go."""
        self._end()
        for player in self._ending:
            player.close()

    def _end(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.stop()
            self._ending.append(player)
