"""Where along a line the needle ends: likelihood of every possible end."""

import math

import numpy as np
from numpy.typing import NDArray

from rtguide.kernels import kernel

DROPOUT = 0.35
"""Share of a shaft that is as dark as tissue: a smooth needle is bright only where it faces the beam."""

SHARPEN = 3
"""Power of the probabilities in the place that is given. Beyond the end they fall off as slowly as a shaft may be dark,
before it as fast as it is bright: their plain mean lies up to a millimetre too far."""

__all__ = ["describe_end", "end_likelihood", "filter_end", "first_gap", "newest_start", "warm_up"]


@kernel
def end_likelihood(
    shaft: NDArray[np.float32],
    tissue: NDArray[np.float32],
    shaft_level: float,
    correlation: float,
    levels: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """Log-likelihood ratio of "shaft up to here, tissue beyond" to "tissue all along", for every end.

    Each value on the line weighs for the shaft as a Gaussian about `shaft_level` does against one about the tissue's
    mean, but a share of the shaft may look like tissue; divided by the length over which neighbouring values repeat
    each other.

    shaft: float32 (n,), ridge strength along the line · tissue: float32 (k, n), the same along its parallels ·
    shaft_level: in units of the ridge; less than half a deviation above the tissue's mean it carries no information ·
    correlation: cells · levels: float64 (3,), out: tissue mean, tissue deviation, slope used · total: float64 (n,),
    out: the ratio for an end after cell s.
    """
    rows, length = tissue.shape
    mean, square, count = 0.0, 0.0, 0.0
    for m in range(rows):
        for s in range(length):
            value = min(max(tissue[m, s], -3.0), 3.0)
            mean += value
            square += value * value
            count += 1.0
    if count > 0:
        mean /= count
        square = math.sqrt(max(square / count - mean * mean, 0.0))
    deviation = max(square, 0.25)
    slope = (shaft_level - mean) / (deviation * deviation) if shaft_level > mean + 0.5 * deviation else 0.0
    middle = 0.5 * (shaft_level + mean)
    levels[0], levels[1], levels[2] = mean, deviation, slope
    run = 0.0
    for s in range(length):
        value = min(slope * (shaft[s] - middle), 4.0)
        run += math.log(DROPOUT + (1.0 - DROPOUT) * math.exp(value)) / correlation
        total[s] = run


@kernel
def filter_end(
    before: NDArray[np.float64],
    likelihood: NDArray[np.float64],
    shift: float,
    spread: float,
    leak: float,
    after: NDArray[np.float64],
    moments: NDArray[np.float64],
) -> None:
    """One step of a histogram filter for the end's place along the line.

    before, after: float64 (n,), probabilities · likelihood: float64 (n,), log-likelihood of each place up to a constant
    · shift, spread: mean and deviation of the end's motion since the last step, cells · leak: share of probability
    spread over all places · moments: float64 (2,), the place (mean over sharpened probabilities) and the
    deviation of the probabilities about it; in place.

    References
    ----------
    Thrun, Burgard and Fox, Probabilistic Robotics, 2005, section 4.1 (the histogram filter).
    """
    n = before.shape[0]
    reach = math.ceil(3.0 * spread) + 1
    whole = math.floor(shift)
    fraction = shift - whole
    weights = np.empty(2 * reach + 1, np.float64)
    mass = 0.0
    for k in range(-reach, reach + 1):
        weights[k + reach] = math.exp(-0.5 * ((k - fraction) / spread) ** 2)
        mass += weights[k + reach]
    peak = -1e300
    for s in range(n):
        peak = max(peak, likelihood[s])
    total = 0.0
    for s in range(n):
        value = 0.0
        for k in range(-reach, reach + 1):
            source = s - whole - k
            if 0 <= source < n:
                value += before[source] * weights[k + reach]
        value = (1.0 - leak) * value / mass + leak / n
        after[s] = value * math.exp(likelihood[s] - peak)
        total += after[s]
    mean, square, weight = 0.0, 0.0, 0.0
    for s in range(n):
        after[s] = after[s] / total if total > 0.0 else 1.0 / n
        mean += s * after[s] ** SHARPEN
        weight += after[s] ** SHARPEN
    mean /= weight
    for s in range(n):
        square += (s - mean) * (s - mean) * after[s]
    moments[0], moments[1] = mean, math.sqrt(square)


@kernel
def describe_end(
    strength: NDArray[np.float32],
    news: NDArray[np.float32],
    path: NDArray[np.int64],
    levels: NDArray[np.float64],
    end: float,
    near: float,
    out: NDArray[np.float64],
) -> None:
    """What the shaft looks like up to its end, in deviations of the tissue.

    strength, news: float32 (n,) along the shaft · path: int64 (n,), its rows in the strip · levels: float64 (2, 3) as
    written by `end_likelihood` for both · end: cells · near: cells before and beyond the end that are looked at ·
    out: float64 (8,), in place: strength of the last `near` cells · of the `near` cells beyond · newness of the last
    ones · mean clipped newness of the whole shaft · mean raw strength of the shaft from six `near` before the end to
    half a `near` before it · the same of newness, at least that of the whole shaft (both NaN for a shaft shorter than
    1.5 `near`) · deviation of the path from the straight line through it, rows · share of the shaft that stands out
    by a deviation, at most one and a half times that of its first half.
    """
    n = strength.shape[0]
    stop = min(max(int(end), 0), n - 1)
    back, fore = max(0, int(end - near)), min(n, int(end + near))
    total, fresh, count = 0.0, 0.0, 0
    for s in range(back, stop + 1):
        total += (strength[s] - levels[0, 0]) / levels[0, 1]
        fresh += (news[s] - levels[1, 0]) / levels[1, 1]
        count += 1
    out[0], out[2] = total / max(count, 1), fresh / max(count, 1)
    total, count = 0.0, 0
    for s in range(stop + 1, fore):
        total += (strength[s] - levels[0, 0]) / levels[0, 1]
        count += 1
    out[1] = total / max(count, 1)
    total = 0.0
    for s in range(stop + 1):
        total += min(max((news[s] - levels[1, 0]) / levels[1, 1], -2.0), 4.0)
    out[3] = total / (stop + 1)
    first, last = max(0, int(end - 6.0 * near)), int(end - 0.5 * near)
    out[4], out[5] = math.nan, math.nan
    total, count, proximal = 0.0, 0, 0
    for s in range(stop + 1):
        total += min(max(news[s], -1.0), 4.0)
        if strength[s] - levels[0, 0] > levels[0, 1]:
            count += 1
            proximal += 1 if 2 * s <= stop else 0
    whole = total / (stop + 1)
    out[7] = min(count / (stop + 1), 1.5 * proximal / (stop // 2 + 1))
    if last - first > near:
        total, fresh = 0.0, 0.0
        for s in range(first, last):
            total += min(max(strength[s], -1.0), 4.0)
            fresh += min(max(news[s], -1.0), 4.0)
        out[4], out[5] = total / (last - first), max(fresh / (last - first), whole)
    centre, mean, cross, square = 0.5 * stop, 0.0, 0.0, 0.0
    for s in range(stop + 1):
        mean += path[s] / (stop + 1)
    for s in range(stop + 1):
        cross += (s - centre) * (path[s] - mean)
        square += (s - centre) * (s - centre)
    slope = cross / square if square > 0.0 else 0.0
    total = 0.0
    for s in range(stop + 1):
        off = path[s] - mean - slope * (s - centre)
        total += off * off
    out[6] = math.sqrt(total / (stop + 1))


@kernel
def newest_start(news: NDArray[np.float32], least: int) -> float:
    """The newness of the part from the entry on that is newest: the largest mean of a start longer than `least` cells.

    news: float32 (n,), each counted between -1 and 4.
    """
    best, total = -1.0, 0.0
    for s in range(news.shape[0]):
        total += min(max(news[s], -1.0), 4.0)
        if s >= min(least, news.shape[0] - 1):
            best = max(best, total / (s + 1))
    return best


@kernel
def first_gap(strength: NDArray[np.float32], dim: float, first: int, window: int) -> int:
    """Where an even shaft breaks off; the length of the line where it does not.

    That is the first stretch of `window` cells, from cell `first` on, of which at most a fifth is brighter than `dim`
    after a beginning of which at least four fifths are.

    strength: float32 (n,), ridge along the line.
    """
    length = int(strength.shape[0])
    bright, before = 0, 0
    for s in range(length):
        if strength[s] > dim:
            bright += 1
        if s >= window:
            if strength[s - window] > dim:
                bright -= 1
                before += 1
            start = s - window + 1
            if start >= first and 5 * bright <= window and 5 * before >= 4 * start:
                return start
    return length


def warm_up() -> None:
    """Compile for the types in use."""
    n = 8
    row, rows, total, levels = np.ones(n, np.float32), np.ones((2, n), np.float32), np.zeros(n), np.ones((2, 3))
    end_likelihood(row, rows, 1.0, 3.0, levels[0], total)
    newest_start(row, 2)
    filter_end(np.full(n, 1 / n), total, 0.0, 1.0, 1e-3, np.zeros(n), np.zeros(2))
    describe_end(row, row, np.zeros(n, np.int64), levels, 4.0, 2.0, np.zeros(8))
    first_gap(row, 0.5, 2, 3)
