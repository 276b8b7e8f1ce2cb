"""The second line under the picture: what happened, what to do, what to know; and what somebody has taken note of."""

from dataclasses import dataclass

from rtguide.model.scene import Scene
from rtguide.model.status import Fault, PipelineStatus
from rtguide.overlays.shapes import Tone

__all__ = ["Notice", "Notices"]

SAY_AGAIN_AFTER_NS = 10_000_000_000
"""A fault that was noted and goes on is said again after this time."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the user, and how loud."""

    text: str = ""
    tone: Tone = Tone.TEXT


class Notices:
    """Chooses the line: a fault until somebody takes note of it, else what to do, else what the source has to say."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._warnings: tuple[str, ...] = ()

    def forget(self) -> None:
        """Another source: nothing of it was noted yet."""
        self._fault, self._warnings = None, ()

    def take_note(self, status: PipelineStatus) -> None:
        """The user has read the line: the fault where one is shown, else the source's warnings."""
        fault = _newest(status)
        if fault is not None and not self._is_noted(fault):
            self._fault = fault
        else:
            self._warnings = status.source.warnings

    def choose(self, scene: Scene | None, status: PipelineStatus, *, is_marking: bool) -> Notice:
        """The line to show now."""
        fault = _newest(status)
        if fault is not None and not self._is_noted(fault):
            return Notice(fault.text + _more(len(status.faults)), Tone.ALARM_LOW)
        if is_marking:
            return Notice("drag a box around a structure · click to set the aim · Esc ends")
        if scene is not None and not scene.is_region_known:
            return Notice("image region not known · W takes the whole frame")
        unread = [text for text in status.source.warnings if text not in self._warnings]
        if unread:
            return Notice(f"note: {_without_path(unread[0], status)}{_more(len(unread))}")
        return Notice()

    def _is_noted(self, fault: Fault) -> bool:
        noted = self._fault
        return noted is not None and noted.text == fault.text and fault.t_ns <= noted.t_ns + SAY_AGAIN_AFTER_NS


def _newest(status: PipelineStatus) -> Fault | None:
    return status.faults[-1] if status.faults else None


def _without_path(warning: str, status: PipelineStatus) -> str:
    """A warning begins with the path of its file, whose name stands in the status line: the reason must be in sight."""
    path, colon, reason = warning.partition(": ")
    name = "" if status.source.info is None else status.source.info.name
    return reason if colon and name and path.endswith(name) else warning


def _more(count: int) -> str:
    return f"  (+{count - 1})" if count > 1 else ""
