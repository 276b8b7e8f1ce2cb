"""Study mode on disk: which attempt was made with the overlay and which without, drawn by a seed, in order.

References
----------
Permuted blocks keep the two arms equal in number after every fourth attempt, whenever a study is broken off:
Altman and Bland, "How to randomise", BMJ 319:703-704 (1999).
"""

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from rtguide.errors import ConfigError

__all__ = ["BLOCK", "StudyArm", "StudyAttempt", "StudyLog", "arm_of"]

BLOCK = 4
"""Attempts in a block: two of each arm, in an order that the seed draws."""


class StudyArm(StrEnum):
    """What the operator of an attempt sees."""

    WITH = "overlay"
    WITHOUT = "no overlay"


@dataclass(frozen=True, slots=True)
class StudyAttempt:
    """One attempt of a study. number: from 1 on, over all sessions of the seed."""

    seed: int
    number: int
    arm: StudyArm

    def __post_init__(self) -> None:
        if self.seed < 0 or self.number < 1:
            raise ConfigError(f"a study has a seed from 0 and attempts from 1 on, not {self.seed} and {self.number}")


def arm_of(seed: int, number: int) -> StudyArm:
    """The arm of an attempt: the same for the same seed and number, on every machine."""
    block, place = divmod(number - 1, BLOCK)
    arms = [StudyArm.WITH] * (BLOCK // 2) + [StudyArm.WITHOUT] * (BLOCK // 2)
    return arms[int(np.random.default_rng([seed, block]).permutation(BLOCK)[place])]


class StudyLog:
    """`study-SEED.jsonl` in the folder where sessions go: a line an attempt, written when it begins.

    Raises
    ------
    ConfigError
        The file cannot be read, has a line that is none of ours, or says another arm than the seed draws.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.path = folder / f"study-{seed}.jsonl"
        self.seed = seed
        self._count = 0
        try:
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path}: cannot be read ({error}); restore it, or take another seed") from error
        self._is_open_ended = bool(text) and not text.endswith("\n")
        for line in text.splitlines():
            self._count += 1
            self._check(line)

    @property
    def begun(self) -> int:
        """How many attempts were begun so far."""
        return self._count

    def begin(self) -> StudyAttempt:
        """The next attempt; it counts from now on, also if it is broken off.

        Raises
        ------
        ConfigError
            The line cannot be written: an attempt that is not in the log must not be made.
        """
        attempt = StudyAttempt(self.seed, self._count + 1, arm_of(self.seed, self._count + 1))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n" * self._is_open_ended + json.dumps(asdict(attempt)) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigError(f"{self.path}: the attempt cannot be logged ({error.strerror}): make room") from error
        self._count, self._is_open_ended = self._count + 1, False
        return attempt

    def _check(self, line: str) -> None:
        where = f"{self.path}, line {self._count}"
        try:
            said = json.loads(line)
            found = (int(said["seed"]), int(said["number"]), StudyArm(said["arm"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{where}: no attempt of a study: {line[:60]!r}") from error
        wanted = (self.seed, self._count, arm_of(self.seed, self._count))
        if found != wanted:
            raise ConfigError(f"{where}: {found} where the seed draws {wanted}: was the file edited or put together?")
