"""Fits the network of the learned cue and writes it as ONNX."""

import math
import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from rtguide.opencv import cv2
from rtguide.tracking.learned_view import LAGS_S
from rtguide.training.learn.make import Made, made
from rtguide.training.learn.net import Answering, CueNet, cue_loss
from rtguide.training.learn.samples import Sample
from rtguide.training.learn.vary import SIDE, lesson

__all__ = ["fit", "write_onnx"]

BATCH, RATE, RATE_ON, WARM_UP = 16, 3e-3, 1.5e-3, 100
"""Lessons a step, highest learning rate from nothing and when going on, steps until it is reached."""

USES, USED_AGAIN = 3, 12 * BATCH
"""How often a sample of another make, which is costly to draw, is taught, and so many lessons apart."""

SPREAD_SHARE = 0.05
"""What the loss of the spread counts for: it must not move the tips."""

SEED, LESSONS, REPORT_EVERY = 1, 10**7, 50
"""Of the first weights and of all lessons; more lessons than any run takes; steps from one report to the next."""


@lru_cache(2 * USED_AGAIN)
def _made(number: int) -> Made:
    return made(SIDE, np.random.default_rng([SEED, number, 1]))


class _Lessons(Dataset[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]):
    """Lesson number n is always the same: its sample and its variation are drawn from the number."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return LESSONS

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng([SEED, number])
        block = number // USED_AGAIN % USES
        make = partial(_made, number - block * USED_AGAIN)
        one = lesson(self._samples[int(rng.integers(len(self._samples)))], rng, make)
        wanted, weight = np.stack([one.shaft, one.tip]), np.stack([one.shaft_weight, one.tip_weight])
        return torch.from_numpy(one.given), torch.from_numpy(wanted), torch.from_numpy(weight)


def fit(
    samples: Sequence[Sample], seconds: float, start: CueNet | None = None, report: Callable[[str], None] = print
) -> CueNet:
    """A network taught for so many seconds; the learning rate falls to zero over them (half a cosine).

    start: a network to go on from · report: takes a line now and then.
    """
    torch.manual_seed(SEED)
    net: CueNet = (start or CueNet()).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-3)
    loader = DataLoader(_Lessons(samples), BATCH, num_workers=2, prefetch_factor=8)
    highest = RATE if start is None else RATE_ON
    begin, sums = time.monotonic(), np.zeros(4)
    for step, (given, wanted, weight) in enumerate(loader):
        spent = (time.monotonic() - begin) / seconds
        if spent >= 1.0:
            break
        for group in optimizer.param_groups:
            group["lr"] = highest * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * spent))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            answer = net(given.contiguous(memory_format=torch.channels_last))
        shaft, tip, spread = cue_loss(answer.float(), wanted, weight)
        optimizer.zero_grad(set_to_none=True)
        (shaft + tip + SPREAD_SHARE * spread).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        sums += (shaft.item(), tip.item(), spread.item(), 1.0)
        if step % REPORT_EVERY == REPORT_EVERY - 1:
            means = sums[:3] / sums[3]
            said = "  ".join(f"{name} {mean:.4f}" for name, mean in zip(("shaft", "tip", "spread"), means, strict=True))
            report(f"{100 * spent:5.1f} %  step {step + 1}  {said}")
            sums[:] = 0.0
    net.eval()
    return net


def write_onnx(net: CueNet, path: Path) -> None:
    """The network with its answers as probabilities, from cells sorted into channels to the same, for any size."""
    answering = Answering(net).eval().to(memory_format=torch.contiguous_format)
    sides = {2: "rows", 3: "columns"}
    torch.onnx.export(
        answering,
        (torch.zeros(1, 4 * (len(LAGS_S) + 1), SIDE // 2, SIDE // 2),),
        str(path),
        input_names=["given"],
        output_names=["found"],
        dynamic_axes={"given": sides, "found": sides},
        opset_version=17,
        dynamo=False,
    )
