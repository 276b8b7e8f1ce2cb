"""Damaged inputs for every reader, in a child process that the system holds to its bounds.

`python fuzzing.py READER FIRST STOP FOLDER MODULE` reads one input a seed. The child may take 2 s of processor time an
input (SIGPROF ends it) and 1 GiB of memory more than it began with (RLIMIT_DATA); it says each seed before it reads, so
that the parent can name the one at which it died. Any exception but one of ours ends it with a traceback.
"""

import importlib
import json
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from rtguide.errors import RtguideError

T = TypeVar("T")

MOST_CPU_S = 2.0
MOST_MEMORY_BYTES = 1 << 30
SILENT_S = 90.0
"""A child that is not working either, and says nothing for so long, waits for something that never comes."""


@dataclass(frozen=True)
class Damaged:
    """One damaged input: its bytes, which of the good ones it was, a folder to work in, what the seed draws next."""

    data: bytes
    which: int
    folder: Path
    rng: np.random.Generator

    def file(self, name: str) -> Path:
        """The bytes in a file of this name."""
        path = self.folder / name
        path.write_bytes(self.data)
        return path


@dataclass(frozen=True)
class Reader:
    """What is damaged and how it is read.

    make: the good inputs, given a folder to work in · read: how many frames a damaged one still gives · whole: how many
    the good ones give at the most · head_bytes: a good part of the damage is done within so many bytes.
    """

    make: Callable[[Path], list[bytes]]
    read: Callable[[Damaged], int]
    whole: int
    head_bytes: int = 600


def mutated(data: bytes, rng: np.random.Generator, head_bytes: int = 600) -> bytes:
    """Bytes changed; a stretch zeroed, removed, doubled or made noise; or the end cut off: often near the head."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        reach = len(out) if rng.random() < 0.5 else min(head_bytes, len(out))
        at = int(rng.integers(0, max(1, reach)))
        stop = at + int(rng.integers(1, 60 if rng.random() < 0.5 else 200))
        match rng.integers(0, 7):
            case 0 | 1:
                for place in rng.integers(at, min(stop, len(out)) + 1, 4):
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


def fuzz(name: str, seeds: range, folder: Path, readers: str = "fuzz_readers") -> list[list[int]]:
    """How many frames each seed's input gave, by good input; fails where the child crashed, hung, or raised."""
    command = [sys.executable, __file__, name, str(seeds.start), str(seeds.stop), str(folder), readers]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        said = "nothing"
        while select.select([child.stdout], [], [], SILENT_S)[0]:
            line = child.stdout.readline()
            if not line:
                break
            said = line.strip()
        else:
            child.kill()
            raise AssertionError(f"{name}: hangs at seed {said}")
        errors = child.stderr.read()
        status = child.wait(30)
    died = signal.Signals(-status).name if status < 0 else str(status)
    assert status == 0, f"{name}: died of {died} at seed {said}\n{errors[-3000:]}"
    counts: list[list[int]] = json.loads(said)
    return counts


def _bound_memory() -> None:
    """Whatever is asked for beyond what is there now plus 1 GiB is refused by the system."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    data_bytes = 1024 * int(next(line for line in lines if line.startswith("VmData")).split()[1])
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes + MOST_MEMORY_BYTES,) * 2)


def _main(name: str, seeds: range, folder: Path, readers: str) -> None:
    reader: Reader = importlib.import_module(readers).READERS[name]
    good = reader.make(folder)
    counts: list[list[int]] = [[] for _ in good]
    _bound_memory()
    for seed in seeds:
        print(seed, flush=True)
        rng, which = np.random.default_rng(seed), seed % len(good)
        damaged = Damaged(mutated(good[which], rng, reader.head_bytes), which, folder, rng)
        signal.setitimer(signal.ITIMER_PROF, MOST_CPU_S)
        counts[which].append(reader.read(damaged))
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], range(int(sys.argv[2]), int(sys.argv[3])), Path(sys.argv[4]), sys.argv[5])
