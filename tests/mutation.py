"""Damaged inputs for fuzz tests: the same for every reader, bounded, seeded."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest

from rtguide.errors import RtguideError

T = TypeVar("T")

BATCHES = [pytest.param(range(200), id="200"), pytest.param(range(200, 2200), id="2000", marks=pytest.mark.slow)]
MOST_FRAMES = 20
"""A mutated file may claim any number of frames; so many are read."""


def mutated(data: bytes, rng: np.random.Generator, head_bytes: int = 600) -> bytes:
    """Bytes changed; a stretch zeroed, removed, doubled or made noise; or the end cut off: often near the head."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        reach = len(out) if rng.random() < 0.4 else min(head_bytes, len(out))
        at = int(rng.integers(0, max(1, reach)))
        stop = at + int(rng.integers(1, 60))
        match rng.integers(0, 7):
            case 0 | 1:
                for place in rng.integers(at, min(stop, len(out)) + 1, 3):
                    out[min(int(place), len(out) - 1)] = int(rng.integers(0, 256))
            case 2:
                out[at:stop] = bytes(len(out[at:stop]))
            case 3:
                del out[at:stop]
            case 4:
                out[at:at] = out[at:stop]
            case 5:
                out[at:stop] = rng.bytes(len(out[at:stop]))
            case _:
                del out[max(1, at) :]
        out = out or bytearray(b"x")
    return bytes(out)


def outcome(action: Callable[..., T], *arguments: object) -> T | None:
    """What it gives; None where it answers with one of our errors, in one line."""
    try:
        return action(*arguments)
    except RtguideError as error:
        text = str(error)
        assert text
        assert "\n" not in text
        return None
