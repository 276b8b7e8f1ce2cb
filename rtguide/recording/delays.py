"""How long something took, frame by frame, in a memory that does not grow."""

from collections.abc import Sequence

import numpy as np

from rtguide.model.status import DelayFigures

__all__ = ["Delays", "figures_of"]

BIN_NS = 100_000
"""Delays are kept to a tenth of a millisecond: a frame period is 160 times that."""

BINS = 20_000
"""Two seconds; what takes longer counts as that, and the longest is kept exactly."""


class Delays:
    """Counts delays by their length. One thread adds."""

    def __init__(self) -> None:
        self._counts = np.zeros(BINS, np.int64)
        self._longest_ns = 0

    def add(self, delay_ns: int) -> None:
        """One more; less than nothing counts as nothing."""
        self._counts[min(max(0, delay_ns) // BIN_NS, BINS - 1)] += 1
        self._longest_ns = max(self._longest_ns, delay_ns)

    def figures(self) -> DelayFigures | None:
        """What they come to, each to the upper edge of its bin; None while there is none."""
        sums = np.cumsum(self._counts)
        count = int(sums[-1])
        if not count:
            return None
        ranks = np.ceil(np.array([0.5, 0.95, 0.99]) * count)
        edges_ns = (np.searchsorted(sums, ranks) + 1) * BIN_NS
        median, p95, p99 = (int(min(edge, self._longest_ns)) for edge in edges_ns)
        return DelayFigures(count, median, p95, p99, self._longest_ns)


def figures_of(delays_ns: Sequence[int]) -> DelayFigures | None:
    """The same of a few delays, exactly; None where there is none."""
    if not delays_ns:
        return None
    values = np.array(delays_ns, np.int64)
    median, p95, p99 = np.percentile(values, (50, 95, 99), method="inverted_cdf")
    return DelayFigures(len(values), int(median), int(p95), int(p99), int(values.max()))
