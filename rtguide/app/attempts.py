"""Recorded sessions as attempts, scored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.model.event import EventKind
from rtguide.model.frame import SourceKind
from rtguide.training.attempt import Attempt, Moment, MomentKind
from rtguide.training.attempt_builder import SessionAttempt, TrueAttempt
from rtguide.training.skill import Skill, skill_of

__all__ = ["KeyMoment", "ScoredSession", "read_attempt"]

SAID = {*EventKind, "record pressed", "injecting", "injecting ended"}
"""Events that people made; the rest of a session's events are the machine's."""

STRIP, TOGETHER_S = 6, 0.3
"""Key pictures of a session; moments so close are one picture."""


@dataclass(frozen=True, slots=True)
class KeyMoment:
    """A moment worth looking at: a frame of the session, and why."""

    time_s: float
    index: int
    caption: str


@dataclass(frozen=True, slots=True, eq=False)
class ScoredSession:
    """A session with its figures; truth: the same figures from what was true, None unless it was simulated ·
    study: which attempt of a study it is, and whether its operator saw the overlay; empty outside of one.
    """

    folder: Path
    created_wall_ns: int
    source: str
    kind: SourceKind
    attempt: Attempt
    skill: Skill
    truth: Skill | None
    warnings: tuple[str, ...]
    moments: tuple[KeyMoment, ...]
    study: str = ""


def read_attempt(folder: Path) -> Iterator[tuple[int, int] | ScoredSession]:
    """Go through a session frame by frame; gives (frames done, of how many), and the scored session at last.

    Raises
    ------
    RecordingError
        It is no session, or has no frame.
    AttemptError
        It is too short to be scored.
    """
    recorded = open_recorded(folder)
    try:
        count = recorded.frame_count
        said, true = SessionAttempt(recorded.name), TrueAttempt(recorded.name, _middle_mm(recorded))
        for index in range(count):
            said.add(recorded.scene(index), recorded.time_s(index))
            line = recorded.truth(index)
            if line is not None:
                true.add(line, recorded.time_s(index))
            yield index + 1, count
        injecting, moments = _said(recorded)
        attempt = said.attempt(injecting, moments)
        skill = skill_of(attempt)
        truth = skill_of(true.attempt(injecting)) if recorded.truth(count - 1) is not None else None
        yield ScoredSession(
            folder, recorded.created_wall_ns, recorded.origin.name, recorded.origin.kind, attempt, skill, truth,
            recorded.warnings, tuple(_key_moments(attempt, skill)), _study(recorded),
        )  # fmt: skip
    finally:
        recorded.close()


def _study(recorded: RecordedSession) -> str:
    """What study mode drew for this session."""
    for event in recorded.events():
        if event["kind"] == "study attempt":
            return f"study {event['seed']}, attempt {event['number']}: {event['arm']}"
    return ""


def _middle_mm(recorded: RecordedSession) -> tuple[float, float]:
    """Of the first picture, in the probe frame; where the scale is not known it is as deep as most."""
    geometry = recorded.geometries[0]
    x0, y0, x1, y1 = geometry.bounds_px()
    return geometry.mm_from_px(((x0 + x1) / 2, (y0 + y1) / 2)) or (0.0, 20.0)


def _said(recorded: RecordedSession) -> tuple[list[tuple[float, float]], tuple[Moment, ...]]:
    """When somebody injected, and everything people said."""
    injecting: list[tuple[float, float]] = []
    moments, since = [], None
    for event in recorded.events():
        kind, time_s = str(event["kind"]), recorded.moment_s(int(event["t_ns"]))
        if kind == "injecting":
            since = time_s
        elif kind == "injecting ended" and since is not None:
            injecting.append((since, time_s))
            since = None
        if kind == "alarm raised":
            moments.append(Moment(time_s, str(event.get("text", kind)), MomentKind.ALARM))
        elif kind in SAID:
            moments.append(Moment(time_s, _words(kind, event)))
    if since is not None:
        injecting.append((since, recorded.time_s(recorded.frame_count - 1)))
    return injecting, tuple(moments)


def _words(kind: str, event: Mapping[str, Any]) -> str:
    more = [f"{value:g}" if isinstance(value, float) else str(value)
            for key, value in event.items() if key not in ("t_ns", "kind")]  # fmt: skip
    return f"{kind} {', '.join(more)}".strip() if len(more) <= 2 else kind


def _key_moments(attempt: Attempt, skill: Skill) -> Iterator[KeyMoment]:
    """First and last sight, the longest time unseen, the target reached, each keep-out's nearest moment, in order."""
    wanted: list[tuple[float, str]] = []
    seen = np.flatnonzero(attempt.is_seen)
    if len(seen):
        wanted.append((float(attempt.time_s[seen[0]]), "first sight of the tip"))
        wanted.append((float(attempt.time_s[seen[-1]]), "last sight of the tip"))
    if skill.unseen:
        begin, end = max(skill.unseen, key=lambda span: span[1] - span[0])
        wanted.append(((begin + end) / 2, f"longest unseen: {end - begin:.1f} s"))
    reached = skill["time_to_target_s"]
    if reached.value is not None:
        wanted.append((reached.spans[0][1], "at the target"))
    for figure in skill.figures:
        if figure.name.startswith("closest_mm ") and figure.spans:
            text = f"closest to {figure.name.partition(' ')[2]}: {figure.value:.1f} mm"
            wanted.append((sum(figure.spans[0]) / 2, text))
    together: list[tuple[float, str]] = []
    for time_s, caption in sorted(wanted):
        if together and time_s - together[-1][0] < TOGETHER_S:
            together[-1] = together[-1][0], f"{together[-1][1]}; {caption}"
        else:
            together.append((time_s, caption))
    for time_s, caption in together[:STRIP]:
        index = min(int(np.searchsorted(attempt.time_s, time_s - 1e-6)), len(attempt.time_s) - 1)
        yield KeyMoment(time_s, index, caption)
