"""The first game pad that is plugged in, through SDL (pygame-ce, the optional extra `rtguide[gamepad]`)."""

import os
from typing import Any

from rtguide.view.pad import PAD_ROWS, PadReading

__all__ = ["NO_EXTRA", "NO_PAD", "GamePad"]

NO_EXTRA = "for a game pad: pip install rtguide[gamepad]"
NO_PAD = "none plugged in"

_SDL = {
    "SDL_VIDEODRIVER": "dummy",  # Qt has the screen
    "SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS": "1",  # SDL has no window that could be in front
    "SDL_NO_SIGNAL_HANDLERS": "1",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}
_FULL = 32767
_LEFT, _RIGHT, _TRIGGERS = (0, 1), (2, 3), (4, 5)
_LOWER, _START, _SHOULDERS, _CROSS = 0, 6, (9, 10), (11, 12, 13, 14)
"""Numbers of SDL's standard layout, the same for every pad it knows: a trigger is never taken for a stick."""


class GamePad:
    """Looks at the pad when asked, from the thread of the window, and waits for nothing.

    note: the pad's name, or why there is none.
    """

    def __init__(self) -> None:
        self.note = NO_PAD
        self._pygame: Any = None
        self._controllers: Any = None
        self._pad: Any = None

    def rows(self) -> tuple[tuple[str, str], ...]:
        """(control, what it does), the pad's name first; without a pad only why there is none."""
        return (("–", self.note),) if self._pad is None else (("✓", self.note), *PAD_ROWS)

    def open(self) -> None:
        """Load the library, once; without it there is a note and no pad."""
        if self._controllers is not None:
            return
        for name, value in _SDL.items():
            os.environ.setdefault(name, value)
        try:
            import pygame  # noqa: PLC0415 - an optional extra, loaded where it is wanted
            from pygame._sdl2 import controller  # noqa: PLC0415
        except ImportError:
            self.note = NO_EXTRA
            return
        try:
            pygame.display.init()
            controller.init()
        except pygame.error as problem:
            self.note = f"none: SDL says {problem}"
            return
        self._pygame, self._controllers = pygame, controller

    def poll(self) -> PadReading | None:
        """What the pad says now; None without one. A pad may come and go between two calls."""
        if self._controllers is None:
            return None
        self._pygame.event.clear()  # takes in what happened; nobody reads the events themselves
        if self._pad is not None and not self._pad.attached():
            self._pad.quit()
            self._pad = None
        if self._pad is None:
            self._pad = self._first()
        if self._pad is None:
            self.note = NO_PAD
            return None
        self.note = self._pad.name
        return self._read()

    def _first(self) -> Any:
        for index in range(self._pygame.joystick.get_count()):
            if self._controllers.is_controller(index):
                try:
                    return self._controllers.Controller(index)
                except self._pygame.error:  # pulled out just now, or not ours to read: the next call looks again
                    continue
        return None

    def _read(self) -> PadReading:
        def pair(axes: tuple[int, int]) -> tuple[float, float]:
            return self._pad.get_axis(axes[0]) / _FULL, self._pad.get_axis(axes[1]) / _FULL

        up, down, left, right = (int(self._pad.get_button(button)) for button in _CROSS)
        rock_left, rock_right = (int(self._pad.get_button(button)) for button in _SHOULDERS)
        return PadReading(
            left=pair(_LEFT),
            right=pair(_RIGHT),
            triggers=pair(_TRIGGERS),
            cross=(right - left, up - down),
            shoulders=rock_right - rock_left,
            is_fine=bool(self._pad.get_button(_LOWER)),
            is_start=bool(self._pad.get_button(_START)),
        )
