"""Renders samples, teaches the network, writes it: `python -m rtguide.training.learn FOLDER --minutes 35`.

FOLDER keeps the samples (`clip-SEED-NUMBER.npz`), so that a second run only teaches. Seeds 200 to 260 are for teaching;
none of them is used to judge.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from rtguide.opencv import cv2
from rtguide.phantom.phantom import Phantom
from rtguide.training.learn.fit import fit, write_onnx
from rtguide.training.learn.net import CueNet
from rtguide.training.learn.samples import RATE_HZ, Sample, clip_samples
from rtguide.training.learn.scenes import CLIP_S, random_scene

SEEDS, CLIPS_A_SEED = range(200, 261), 20


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _clip(seed: int, number: int, folder: Path) -> list[Sample]:
    """Samples of one random clip, rendered once."""
    path = folder / f"clip-{seed}-{number}.npz"
    if not path.exists():
        scene = random_scene(np.random.default_rng([seed, number]))
        samples = list(clip_samples(Phantom(scene, 100 * seed + number, RATE_HZ), CLIP_S))
        arrays = {f"{name}_{k}": getattr(one, name) for k, one in enumerate(samples) for name in Sample.__slots__}
        np.savez_compressed(path, **arrays)
    with np.load(path) as stored:
        return [_sample(stored, k) for k in range(sum(name.startswith("stacked_") for name in stored))]


def _sample(stored: "np.lib.npyio.NpzFile", k: int) -> Sample:
    x, y = stored[f"tip_at_{k}"]
    tip = int(stored[f"tip_{k}"])
    return Sample(stored[f"stacked_{k}"], stored[f"inside_{k}"], tip, (float(x), float(y)), stored[f"curve_{k}"])


def _samples(folder: Path, clips: int) -> Iterator[Sample]:
    for number in range(clips):
        for seed in SEEDS:
            yield from _clip(seed, number, folder)
        _say(f"{(number + 1) * len(SEEDS)} of {clips * len(SEEDS)} clips")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m rtguide.training.learn", description=__doc__)
    parser.add_argument("folder", type=Path, help="where samples and weights are kept")
    parser.add_argument("--minutes", type=float, default=35.0, help="how long to teach")
    parser.add_argument("--clips", type=int, default=CLIPS_A_SEED, help="clips for each of 61 seeds, a second each")
    parser.add_argument("--start", type=Path, help="weights (.pt) to go on from")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    start = None
    if asked.start is not None:
        start = CueNet()
        start.load_state_dict(torch.load(asked.start))
    net = fit(list(_samples(asked.folder, asked.clips)), 60.0 * asked.minutes, start, _say)
    torch.save(net.state_dict(), asked.folder / "learned_cue.pt")
    write_onnx(net, asked.folder / "learned_cue.onnx")


if __name__ == "__main__":
    main()
