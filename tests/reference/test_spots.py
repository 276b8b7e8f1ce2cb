"""The kernel of compact bright spots against slow, plain code."""

import numpy as np

from rtguide.kernels import spots


def plain(means, inside, aside, above):
    rows, columns = means.shape
    out = np.zeros_like(means)
    tall, broad = above // 2, aside // 2
    for y in range(above, rows):
        for x in range(aside, columns - aside):
            corners = [(y, x), (y, x - aside), (y, x + aside), (y - above, x)]
            if not all(inside[j, i] for j, i in corners):
                continue
            sides = [
                means[j, i] for j in range(max(y - tall, 0), min(y + tall + 1, rows)) for i in (x - aside, x + aside)
            ]
            top = [means[y - above, i] for i in range(max(x - broad, 0), min(x + broad + 1, columns))]
            out[y, x] = max(means[y, x] - max(sides + top), 0.0)
    return out


def test_spot_strength_is_that_of_plain_code():
    rng = np.random.default_rng(3)
    means = rng.normal(size=(24, 31)).astype(np.float32)
    means[12:14, 15:17] += 5
    inside = np.ones(means.shape, np.uint8)
    inside[:, :4] = 0
    inside[20:, 25:] = 0
    aside, above = 6, 4
    beside = np.array(
        [means[max(y - above // 2, 0) : y + above // 2 + 1].max(axis=0) for y in range(means.shape[0])], np.float32
    )
    over = np.array(
        [means[:, max(x - aside // 2, 0) : x + aside // 2 + 1].max(axis=1) for x in range(means.shape[1])], np.float32
    ).T
    out = np.full(means.shape, 7.0, np.float32)
    spots.spot_strength(means, beside, np.ascontiguousarray(over), inside, aside, above, out)
    assert np.allclose(out, plain(means, inside, aside, above), atol=1e-6)
    assert np.unravel_index(out.argmax(), out.shape)[0] in (12, 13)
    assert (out[:above] == 0).all()


def test_warm_up_runs():
    spots.warm_up()
