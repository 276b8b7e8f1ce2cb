"""How long the GUI thread was not to be spoken to: a timer that notes how late it comes."""

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

__all__ = ["Heartbeat"]

BEAT_MS = 2

KEPT_FROM_NS = 10_000_000
"""Shorter holds are not counted: every paint is one."""


class Heartbeat(QObject):
    """Notes the time between two of its own beats that is over its period: what ran in between held the thread.

    A thread that the machine did not let run looks the same. For the thread that made it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.longest_ns = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._over_ns: list[int] = []

    def begin(self) -> None:
        """Listen from now on."""
        self._since.start()
        self._timer.start(BEAT_MS)

    def over(self, limit_ns: int) -> int:
        """How many times it was held for longer than this, of those over 10 ms."""
        return sum(held > limit_ns for held in self._over_ns)

    def _beat(self) -> None:
        held_ns = self._since.nsecsElapsed() - BEAT_MS * 1_000_000
        self._since.start()
        self.longest_ns = max(self.longest_ns, held_ns)
        if held_ns > KEPT_FROM_NS:
            self._over_ns.append(held_ns)
