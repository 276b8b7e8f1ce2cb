"""Reads sessions, scores them, writes the page."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rtguide.app.attempts import ScoredSession, read_attempt
from rtguide.app.console import stderr
from rtguide.app.plotly_script import plotly_script
from rtguide.app.report.page import About, ReportPage, write_report
from rtguide.app.site_check import site_of_session
from rtguide.errors import RecordingError
from rtguide.training.bands import bands_of
from rtguide.training.rubric import Rubric, read_rubric, score_of
from rtguide.training.skill import Skill

__all__ = ["ReportJob", "make_report"]


@dataclass(frozen=True, slots=True)
class ReportJob:
    """What was asked for. rubric: None for the standard one · learner: a pseudonym, empty for none · consent: what was
    noted of it, empty for nothing · experts: sessions whose figures are the reference.
    """

    sessions: tuple[Path, ...]
    out: Path
    rubric: Path | None = None
    learner: str = ""
    consent: str = ""
    experts: tuple[Path, ...] = ()


def make_report(job: ReportJob, *, is_json: bool = False) -> None:
    """Do it, with a bar on the terminal.

    Raises
    ------
    RtguideError
        A session cannot be read or scored, the rubric is none, or the page cannot be written.
    """
    from rtguide.view.offscreen import ScenePainter  # noqa: PLC0415 - Qt takes its time

    if job.out.exists():
        raise RecordingError(f"{job.out}: is there already; give another name, or remove it")
    rubric, script = read_rubric(job.rubric), plotly_script()
    scored = sorted((_scored(folder) for folder in job.sessions), key=lambda session: session.created_wall_ns)
    found = {folder.name: site_of_session(folder) for folder in job.sessions}
    sites = {name: text for name, text in found.items() if text is not None}
    bands = bands_of([_scored(folder).skill for folder in job.experts])
    if job.experts and not bands:
        raise RecordingError("the experts' sessions hold no figure: no needle was followed in them; give others")
    about = About(job.learner, job.consent, bands)
    write_report(ReportPage(scored, rubric, about, ScenePainter(), script, sites), job.out)
    if is_json:
        typer.echo(json.dumps([_as_json(session, rubric) for session in scored], ensure_ascii=False))
    typer.echo(f"wrote {job.out}", err=True)


def _scored(folder: Path) -> ScoredSession:
    columns = (TextColumn("scoring"), TextColumn(folder.name[:40]), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        task = progress.add_task("")
        for step in read_attempt(folder):
            if isinstance(step, ScoredSession):
                return step
            progress.update(task, completed=step[0], total=step[1])
    raise RecordingError(f"{folder}: could not be scored")


def _as_json(session: ScoredSession, rubric: Rubric) -> dict[str, Any]:
    score = score_of(rubric.judge(session.skill), rubric)
    return {
        "session": session.attempt.name,
        "study": session.study or None,
        "score": None if score is None else score.value,
        "score_error": None if score is None else score.error,
        "figures": _figures(session.skill),
        "true_figures": None if session.truth is None else _figures(session.truth),
    }


def _figures(skill: Skill) -> list[dict[str, Any]]:
    return [asdict(figure) for figure in skill.figures]
