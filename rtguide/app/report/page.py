"""The page of a report: self-contained, works offline, prints."""

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.app.attempts import KeyMoment, ScoredSession
from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.app.report.plots import cusum_plot, figure_plot, score_plot, timeline
from rtguide.app.report.words import first_look, limit_of, links_to, value_of
from rtguide.model.frame import SourceKind
from rtguide.opencv import cv2
from rtguide.ports import Painter
from rtguide.recording.movie import MovieWriter
from rtguide.recording.session_files import guarded
from rtguide.training.bands import Band
from rtguide.training.learning import cusum_of
from rtguide.training.rubric import Judged, Rubric, points_of, score_of

__all__ = ["About", "ReportPage", "write_report"]

PICTURE_PX, QUALITY = 520, 82
CLIP_S, CLIP_PX, CLIPS = 3.0, 480, 2
"""Short clips show what a still does not: how it came about. Two a session keep a page small."""


@dataclass(frozen=True, slots=True)
class About:
    """learner: a pseudonym, empty for none · consent: what was noted of it · bands: experts' figures by name."""

    learner: str = ""
    consent: str = ""
    bands: Mapping[str, Band] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportPage:
    """sessions: in order of time · about: whose they are · script: plotly.js · sites: what a site check
    said of the screen, by the session's name.
    """

    sessions: Sequence[ScoredSession]
    rubric: Rubric
    about: About
    painter: Painter | None
    script: str
    sites: Mapping[str, str] = field(default_factory=dict)


def write_report(page: ReportPage, path: Path) -> None:
    """Write the page.

    Raises
    ------
    RecordingError
        It cannot be written, or a session not be read.
    """
    judged = [page.rubric.judge(session.skill) for session in page.sessions]
    first = page.sessions[0]
    title = "An attempt" if len(page.sessions) == 1 else "Attempts"
    title = f"Attempts of {page.about.learner}" if page.about.learner else title
    about = f"{len(page.sessions)} session{'s' if len(page.sessions) > 1 else ''}, {_date(first)}"
    if len(page.sessions) > 1:
        about += f" to {_date(page.sessions[-1])}"
    about += f". Consent: {page.about.consent or 'none noted'}."
    parts = [_session(page, session, figures, number)
             for number, (session, figures) in enumerate(zip(page.sessions, judged, strict=True), start=1)]  # fmt: skip
    text = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        about=escape(about),
        notice=escape(RESEARCH_NOTICE),
        learning=_learning(page, judged),
        trends=_trends(page, judged),
        sessions="\n".join(parts),
        rubric=escape(page.rubric.name),
        meanings=_meanings(page.rubric),
        version=escape(__version__),
        plotly=page.script,
    )
    guarded(path, path.write_text, text, "utf-8")


def _date(session: ScoredSession) -> str:
    return f"{datetime.fromtimestamp(session.created_wall_ns / 1e9, UTC):%Y-%m-%d %H:%M} UTC"


def _session(page: ReportPage, session: ScoredSession, judged: tuple[Judged, ...], number: int) -> str:
    anchor = f"session-{number}"
    kind = "simulated" if session.kind is SourceKind.SIMULATED else str(session.kind)
    length_s = float(session.attempt.time_s[-1] - session.attempt.time_s[0])
    warnings = "".join(f'<p class="missed">{escape(text)}</p>' for text in session.warnings)
    if (site := page.sites.get(session.attempt.name)) is not None:
        warnings += f'<p class="soft">{escape(site)}</p>'
    pictures, clips = _pictures(page, session)
    note = f" {escape(session.study[:1].upper() + session.study[1:])}." if session.study else ""
    note += "" if session.truth is None else " The last column is what was true: the simulation knows."
    return (
        f"<h2>{number}. {escape(session.attempt.name)}</h2>"
        f'<p class="soft">{escape(session.source)} ({kind}), {_date(session)}, {length_s:.0f} s.{note}</p>{warnings}'
        f"{_summary(session, judged, page.rubric)}{first_look(judged, page.rubric, f'{anchor}-time')}"
        f'<div class="strip">{pictures}</div>'
        f'<h3>Over time</h3><p class="soft">No line: not seen, or no verified scale.'
        f'<span class="key" style="background:rgba(194,87,26,.16)"></span>needle in, tip not seen'
        f'<span class="key" style="background:rgba(80,140,220,.10)"></span>no needle. '
        f'<span class="screen">Drag to enlarge, double-click to go back.</span></p>'
        f'<div id="{anchor}">{_plot(timeline(session), f"{anchor}-time")}</div>'
        f"<h3>Figures</h3>{_table(session, judged, f'{anchor}-time', page)}"
        f'<div class="strip clips">{clips}</div>'
    )


def _summary(session: ScoredSession, judged: tuple[Judged, ...], rubric: Rubric) -> str:
    """Four figures in large type: what is read first."""
    score = score_of(judged, rubric)
    passed = f"score; {rubric.pass_score:g} % succeeds"
    cells = [("–" if score is None else f"{score.value:.0f} ± {score.error:.0f} %", passed)]
    for name in ("in_plane_share", "disappearances", "time_to_target_s"):
        one = next((one for one in judged if one.figure.name == name), None)
        if one is not None:
            cells.append((value_of(one), one.title.lower()))
    seen = sum(end - begin for begin, end in session.skill.seen)
    unseen = sum(end - begin for begin, end in session.skill.unseen)
    if seen + unseen > 0.0:
        cells.append((f"{100 * seen / (seen + unseen):.0f} %", "of needle time with the tip seen"))
    return '<div class="sum">' + "".join(f"<div><b>{a}</b><span>{escape(b)}</span></div>" for a, b in cells) + "</div>"


def _band(one: Judged, bands: Mapping[str, Band]) -> str:
    band = bands.get(one.figure.name)
    if band is None:
        return '<td class="n">–</td>'
    unit = f" {one.meaning.unit}" if one.meaning.unit else ""
    about = f"<small>median {band.median:.1f}, n = {band.count}</small>"
    return f'<td class="n">{band.low:.1f}–{band.high:.1f}{unit}{about}</td>'


def _table(session: ScoredSession, judged: tuple[Judged, ...], plot: str, page: ReportPage) -> str:
    has_truth, bands = session.truth is not None, page.about.bands
    head = '<tr><th>figure</th><th class="n">value</th><th class="n">limit</th><th></th>'
    head += '<th class="n">points</th><th>moments</th>'
    head += '<th class="n">experts</th>' if bands else ""
    rows = [head + ('<th class="n">true</th>' if has_truth else "") + "</tr>"]
    for one in judged:
        verdict = {True: '<td class="met">met ✓</td>', False: '<td class="missed">not met ✗</td>', None: "<td></td>"}
        unit, limit_text = f" {one.meaning.unit}" if one.meaning.unit else "", limit_of(one)
        note = f"<small>{escape(one.figure.note)}</small>" if one.figure.note else ""
        links = links_to(one, plot)
        truth = ""
        if session.truth is not None:
            known = next((figure for figure in session.truth.figures if figure.name == one.figure.name), None)
            truth = (
                '<td class="n">–</td>'
                if known is None or known.value is None
                else f'<td class="n">{known.value:.1f}{unit}</td>'
            )
        cells = f'<td class="n">{value_of(one)}</td><td class="n">{limit_text}</td>{verdict[one.is_met]}'
        cells += f'<td class="n">{_points(one, page.rubric)}</td><td>{links}</td>'
        rows.append(f"<tr><td>{escape(one.title)}{note}</td>{cells}{_band(one, bands) if bands else ''}{truth}</tr>")
    return f'<div class="wide"><table>{"".join(rows)}</table></div>'


def _points(one: Judged, rubric: Rubric) -> str:
    """What it gives of what it could give: points by weight."""
    points = points_of(one, rubric.pass_score)
    if not one.meaning.weight or points is None:
        return ""
    return f"{points * one.meaning.weight / 100.0:.1f} of {one.meaning.weight:g}"


def _learning(page: ReportPage, judged: Sequence[tuple[Judged, ...]]) -> str:
    """Over a learner's sessions: score, CUSUM, each figure with its trend."""
    if len(judged) < 2:
        return ""
    scores = [score_of(figures, page.rubric) for figures in judged]
    cusum = cusum_of([score.value >= page.rubric.pass_score for score in scores if score is not None], page.rubric)
    count = sum(score is None for score in scores)
    untold = f" Of {count} too little could be told for a score." if count else ""
    told = ", ".join("–" if score is None else f"{score.value:.0f} %" for score in scores)
    return (
        f"<h2>Over {len(judged)} sessions</h2><p>Scores: {told}. A score of {page.rubric.pass_score:g} % succeeds."
        f"{untold} CUSUM: <b>{escape(cusum.words)}</b>.</p>"
        '<div class="pair">'
        f"<div>{_plot(score_plot(scores, page.rubric.pass_score), 'scores')}</div>"
        f"<div>{_plot(cusum_plot(cusum), 'cusum')}</div></div>"
    )


def _trends(page: ReportPage, judged: Sequence[tuple[Judged, ...]]) -> str:
    """Each figure over a learner's sessions."""
    plots = []
    for name in page.rubric.figures if len(judged) > 1 else ():
        plot = figure_plot([next((one for one in figures if one.figure.name == name), None) for figures in judged])
        if plot is not None:
            plots.append(f"<div>{_plot(plot, f'trend-{name}')}</div>")
    return f'<h2>Every figure over the sessions</h2><div class="grid">{"".join(plots)}</div>' if plots else ""


def _meanings(rubric: Rubric) -> str:
    return "".join(
        f"<tr><td><b>{escape(one.title)}</b></td><td>{escape(one.text)} <small>{escape(one.source)}</small></td></tr>"
        for one in rubric.figures.values()
    )


def _plot(figure: dict[str, Any], name: str) -> str:
    data = json.dumps(figure, separators=(",", ":")).replace("</", "<\\/")
    return f'<div data-plot="{name}" id="{name}"><div></div><script type="application/json">{data}</script></div>'


def _pictures(page: ReportPage, session: ScoredSession) -> tuple[str, str]:
    """Key pictures, and clips of the two moments that teach most, as HTML."""
    recorded = open_recorded(session.folder)
    try:
        stills = [_still(page, recorded, moment) for moment in session.moments]
        worth = sorted(session.moments, key=_is_plain)[:CLIPS]
        clips = [_clip(page, recorded, moment) for moment in worth]
    finally:
        recorded.close()
    return "".join(stills), "".join(clips)


def _is_plain(moment: KeyMoment) -> bool:
    """Whether it teaches less than a time unseen, or nearness to what is to be kept out of."""
    return not any(word in moment.caption for word in ("longest", "closest"))


def _still(page: ReportPage, recorded: RecordedSession, moment: KeyMoment) -> str:
    picture = _scaled(_painted(page, recorded, moment.index), PICTURE_PX)
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    text = base64.b64encode(coded.tobytes()).decode("ascii")
    caption = escape(f"{moment.time_s:.1f} s: {moment.caption}")
    return (
        f'<figure><img alt="{caption}" src="data:image/jpeg;base64,{text}"><figcaption>{caption}</figcaption></figure>'
    )


def _clip(page: ReportPage, recorded: RecordedSession, moment: KeyMoment) -> str:
    """The seconds around a moment."""
    count = recorded.frame_count
    indices = [i for i in range(count) if abs(recorded.time_s(i) - moment.time_s) <= CLIP_S / 2]
    with tempfile.TemporaryDirectory(prefix="rtguide-report-") as place:
        path = Path(place) / "clip.mp4"
        first = _scaled(_painted(page, recorded, indices[0]), CLIP_PX)
        with MovieWriter(path, (first.shape[0], first.shape[1]), "mp4") as movie:
            for index in indices:
                picture = _scaled(_painted(page, recorded, index), CLIP_PX)
                movie.write(picture, recorded.time_s(index) - recorded.time_s(indices[0]))
        text = base64.b64encode(path.read_bytes()).decode("ascii")
    caption = escape(f"Around {moment.time_s:.1f} s: {moment.caption}")
    return (
        f'<figure><video controls muted loop src="data:video/mp4;base64,{text}"></video>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _painted(page: ReportPage, recorded: RecordedSession, index: int) -> NDArray[np.uint8]:
    """The image region of a frame with its overlay, RGB."""
    scene = recorded.scene(index)
    x0, y0, x1, y1 = recorded.geometries[0].bounds_px()
    pixels = scene.frame.pixels if page.painter is None else page.painter.paint(scene)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return np.ascontiguousarray(pixels[max(0, y0 - 8) : y1 + 8, max(0, x0 - 8) : x1 + 8])


def _scaled(picture: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """At most so wide, both sides even."""
    scale = min(1.0, width / picture.shape[1])
    size = 2 * round(picture.shape[1] * scale / 2), 2 * round(picture.shape[0] * scale / 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
