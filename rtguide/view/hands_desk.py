"""Who holds a simulated patient: the hands are taken as soon as there are any, unless the user has let go."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from rtguide.view.feed import Feed
from rtguide.view.steering import SteeringPilot

__all__ = ["HandsDesk"]


class HandsDesk(QObject):
    """Between the feed, which has hands to steer or could have them, and the pilot."""

    to_open = Signal(str)
    """The address under which the running simulation can be steered."""

    def __init__(self, pilot: SteeringPilot, action: QAction) -> None:
        super().__init__(pilot)
        self._pilot, self._action = pilot, action
        self._is_wanted = True
        action.setVisible(False)

    def follow(self, feed: Feed | None) -> None:
        """Steer a patient that can be steered as soon as it is open, unless the user has let go."""
        address = None if feed is None else feed.steered_address()
        hands = None if feed is None else feed.hands()
        self._action.setVisible(address is not None)
        if hands is not None and self._is_wanted and not self._pilot.is_flying:
            self._pilot.take(hands)
        self._action.setChecked(self._pilot.is_flying)

    def toggle(self, feed: Feed | None) -> None:
        """Take the hands, let them rest, or have the running simulation opened anew with hands to steer it."""
        address = None if feed is None else feed.steered_address()
        if self._pilot.is_flying:
            self._is_wanted = False
            self._pilot.let_go()
        elif feed is not None and feed.hands() is not None:
            self._is_wanted = True
        elif address is not None:
            self.to_open.emit(address)

    def let_go(self) -> None:
        """Another source: its hands are wanted anew."""
        self._pilot.let_go()
        self._is_wanted = True
