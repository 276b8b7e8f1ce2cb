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
    """Chooses the line: the newest fault nobody noted, else what to do, alarms, what the source has to say."""

    def __init__(self) -> None:
        self._noted_ns: dict[str, int] = {}
        self._warnings: tuple[str, ...] = ()
        self._own: tuple[Fault, ...] = ()

    def say(self, fault: Fault) -> None:
        """Something went wrong in the window itself; the newest of each text is kept until it is noted."""
        self._own = (*(one for one in self._own if one.text != fault.text), fault)

    def forget(self) -> None:
        """Another source: nothing of it was noted yet."""
        self._noted_ns, self._warnings = {}, ()

    def take_note(self, status: PipelineStatus) -> bool:
        """The user has read the line: the one fault where one is shown, else the source's warnings.

        False where neither was there to be read.
        """
        unread = self._unread(status)
        if unread:
            self._noted_ns[unread[-1].text] = unread[-1].t_ns
            self._own = tuple(fault for fault in self._own if fault is not unread[-1])
            return True
        is_new = self._warnings != status.source.warnings
        self._warnings = status.source.warnings
        return is_new

    def choose(
        self, scene: Scene | None, status: PipelineStatus, alarms: tuple[str, Tone] | None = None, prompt: str = ""
    ) -> Notice:
        """The line to show now. alarms: those that do not stand above the picture, and how loud; nothing hides them ·
        prompt: what the user is to do with the mouse.
        """
        faults = self._unread(status)
        if faults:
            return _after(alarms, Notice(faults[-1].text + _more(len(faults)), Tone.ALARM_LOW))
        if prompt:
            return _after(alarms, Notice(prompt))
        if scene is not None and not scene.is_region_known:
            return _after(alarms, Notice("image region not known · W takes the whole frame"))
        if alarms is not None:
            return Notice(*alarms)
        unread = [text for text in status.source.warnings if text not in self._warnings]
        if unread:
            return Notice(f"note: {_without_path(unread[0], status)}{_more(len(unread))}")
        return Notice()

    def _unread(self, status: PipelineStatus) -> list[Fault]:
        """Faults that nobody took note of, or not for a while, the newest last."""
        noted = self._noted_ns
        faults = (*status.faults, *self._own)
        return [f for f in faults if f.text not in noted or f.t_ns > noted[f.text] + SAY_AGAIN_AFTER_NS]


def _after(alarms: tuple[str, Tone] | None, notice: Notice) -> Notice:
    """The notice behind the alarms that stand."""
    return notice if alarms is None else Notice(f"{alarms[0]} · {notice.text}", alarms[1])


def _without_path(warning: str, status: PipelineStatus) -> str:
    """A warning begins with the path of its file, whose name stands in the status line: the reason must be in sight."""
    path, colon, reason = warning.partition(": ")
    name = "" if status.source.info is None else status.source.info.name
    return reason if colon and name and path.endswith(name) else warning


def _more(count: int) -> str:
    return f"  (+{count - 1})" if count > 1 else ""
