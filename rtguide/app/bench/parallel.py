"""Work spread over processes, under a progress bar."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from typing import TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rtguide.app.console import stderr
from rtguide.kernels.warmup import warm_up
from rtguide.opencv import cv2

__all__ = ["shown_results"]

Job = TypeVar("Job")
Result = TypeVar("Result")


def shown_results(what: str, work: Callable[[Job], Result], jobs: Sequence[Job], processes: int) -> list[Result]:
    """The results in the order of the jobs, each worked out on one thread: in this process, or in at most so many.

    `what` stands before the bar, which is shown where standard error is a terminal. A job that fails ends the whole
    run with its error.
    """
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    results: dict[int, Result] = {}
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=len(jobs))
        for index, result in _spread_over(work, jobs, processes):
            results[index] = result
            progress.advance(task)
    return [results[index] for index in range(len(jobs))]


def _spread_over(work: Callable[[Job], Result], jobs: Sequence[Job], processes: int) -> Iterator[tuple[int, Result]]:
    """The index of each job with its result, as they are done."""
    if processes == 1 or len(jobs) < 2:
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        try:
            for index, job in enumerate(jobs):
                yield index, work(job)
        finally:
            cv2.setNumThreads(threads)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(jobs)), context, _begin_worker) as pool:
        waiting = {pool.submit(work, job): index for index, job in enumerate(jobs)}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """A worker uses one thread: the processes share the cores."""
    cv2.setNumThreads(1)
    for _ in warm_up():
        pass
