"""Judges trackers over cases, and counts false locks on clips."""

import json
from collections.abc import Sequence
from pathlib import Path

from rtguide.app.bench.needle_free import FreeClip, FreeRun, count_locks
from rtguide.app.bench.parallel import shown_results
from rtguide.app.bench.run_cases import CaseRun, Judged, judge, known_trackers
from rtguide.app.console import warm_up_kernels
from rtguide.errors import ConfigError, RecordingError
from rtguide.training.case import find_cases

__all__ = ["free_clips", "judge_cases", "write_lines"]


def judge_cases(paths: Sequence[Path], trackers: Sequence[str], processes: int) -> list[Judged]:
    """Each case with each tracker, in the order of the cases.

    Raises
    ------
    ConfigError
        There is no such case or tracker.
    """
    _check(trackers)
    warm_up_kernels()
    runs = [CaseRun(folder, name) for folder in find_cases(list(paths)) for name in trackers]
    return shown_results("judging", judge, runs, processes)


def free_clips(addresses: Sequence[str], trackers: Sequence[str], processes: int) -> list[FreeClip]:
    """Each clip without a needle with each tracker."""
    _check(trackers)
    warm_up_kernels()
    return shown_results(
        "counting", count_locks, [FreeRun(one, name) for one in addresses for name in trackers], processes
    )


def write_lines(judged: Sequence[Judged], folder: Path) -> None:
    """Write what was said of each case to FOLDER/TRACKER/CASE.jsonl.

    Raises
    ------
    RecordingError
        It cannot be written.
    ConfigError
        Two cases have the same name.
    """
    names = {one.case.name for one in judged}
    if len(names) < len({one.folder for one in judged}):
        raise ConfigError("two of the cases have the same name: their lines would end up in one file; rename a folder")
    try:
        for one in judged:
            path = folder / one.tracker / f"{one.case.name}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in one.lines), encoding="utf-8"
            )
    except OSError as error:
        raise RecordingError(f"{folder} cannot be written ({error.strerror}): choose another place") from error


def _check(trackers: Sequence[str]) -> None:
    known = known_trackers()
    for name in trackers:
        if name not in known:
            raise ConfigError(f"there is no tracker {name!r}; there are: {', '.join(known)}")
