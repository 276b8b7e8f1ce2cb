"""Closing a feed takes a while: it is done in a thread of its own, so that the window lives on."""

import threading

from rtguide.view.feed import Feed

__all__ = ["FeedCloser"]


class FeedCloser:
    """Closes feeds, and at the end waits for those that are still being closed."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def close(self, feed: Feed | None) -> None:
        """Begin to close this one."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if feed is not None:
            thread = threading.Thread(target=feed.close, name="rtguide-close")
            thread.start()
            self._threads.append(thread)

    def join(self) -> None:
        """Wait until all are closed."""
        for thread in self._threads:
            thread.join()
