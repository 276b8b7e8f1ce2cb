"""The plots of a report, as plotly.js takes them: plain JSON."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rtguide.app.attempts import ScoredSession
from rtguide.training.attempt import MomentKind
from rtguide.training.learning import Cusum
from rtguide.training.rubric import Judged, Score

__all__ = ["cusum_plot", "figure_plot", "score_plot", "timeline"]

INK, SOFT, WARM = "#0b6e99", "#7a7a7a", "#c2571a"
UNSEEN = "rgba(194,87,26,0.16)"
NO_NEEDLE = "rgba(80,140,220,0.10)"
LEAST_TREND = 2
"""Two sessions make a line, and no trend."""

MARGIN = {"l": 60, "r": 16, "t": 24, "b": 44}


def timeline(session: ScoredSession) -> dict[str, Any]:
    """Distance to the target and to keep-outs, the way along the shaft, what people said; shaded where unseen."""
    attempt = session.attempt
    data = []
    if not any(np.array_equal(attempt.target_mm, other, equal_nan=True) for other in attempt.keep_outs_mm.values()):
        data.append(_line("to the target", attempt.time_s, attempt.target_mm, INK))
    for number, (name, distance) in enumerate(attempt.keep_outs_mm.items()):
        data.append(_line(f"to {name}", attempt.time_s, distance, (WARM, "#7a4ea3", "#14683a", SOFT)[number % 4]))
    advance = attempt.along_mm - _first(attempt.along_mm)
    data.append(_line("along the shaft", attempt.time_s, advance, INK) | {"yaxis": "y2"})
    shapes = [_shade(begin, end, UNSEEN) for begin, end in session.skill.unseen]
    shapes += [_shade(begin, end, NO_NEEDLE) for begin, end in _without_needle(session)]
    marks = []
    for moment in attempt.moments:
        ink = WARM if moment.kind is MomentKind.ALARM else SOFT
        shapes.append({"type": "line", "x0": moment.time_s, "x1": moment.time_s, "y0": 0, "y1": 1, "yref": "paper",
                       "line": {"width": 1, "dash": "dot", "color": ink}})  # fmt: skip
        marks.append({"x": moment.time_s, "y": 1, "yref": "paper", "text": moment.text[:40], "textangle": -90,
                      "showarrow": False, "xanchor": "right", "yanchor": "top",
                      "font": {"size": 10, "color": ink}})  # fmt: skip
    span = [float(attempt.time_s[0]), float(attempt.time_s[-1])]
    layout = {
        "height": 420, "margin": MARGIN, "hovermode": "x unified", "shapes": shapes, "annotations": marks,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"range": span, "title": {"text": "seconds"}, "anchor": "y2"},
        "yaxis": {"domain": [0.42, 1.0], "title": {"text": "distance, mm"}, "range": _range(data[:-1])},
        "yaxis2": {"domain": [0.0, 0.34], "title": {"text": "advance, mm"}, "range": _range(data[-1:])},
    }  # fmt: skip
    return {"data": data, "layout": layout}


def score_plot(scores: Sequence[Score | None], pass_score: float) -> dict[str, Any]:
    """The score of each session with its error, and what succeeds; nothing stands where too little could be told."""
    known = [(number, score) for number, score in enumerate(scores, start=1) if score is not None]
    data: list[dict[str, Any]] = [
        {"x": [number for number, _ in known], "y": [score.value for _, score in known], "mode": "lines+markers",
         "name": "score", "line": {"color": INK},
         "error_y": {"type": "data", "array": [score.error for _, score in known], "color": SOFT, "thickness": 1}},
        {"x": [1, len(scores)], "y": [pass_score] * 2, "mode": "lines", "name": "succeeds",
         "line": {"color": WARM, "width": 1, "dash": "dot"}},
    ]  # fmt: skip
    layout = {"height": 260, "margin": MARGIN, "xaxis": {"title": {"text": "session"}, "dtick": 1},
              "yaxis": {"title": {"text": "score, %"}, "range": [0, 105]},
              "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}  # fmt: skip
    return {"data": data, "layout": layout}


def figure_plot(judged: Sequence[Judged | None]) -> dict[str, Any] | None:
    """One figure over a learner's sessions, with a straight trend from three on; None where fewer than two told it."""
    measured = [(number, one) for number, one in enumerate(judged, start=1) if one is not None]
    known = [(number, one) for number, one in measured if one.figure.value is not None]
    if len(known) < 2:
        return None
    x = np.array([number for number, _ in known], float)
    y = np.array([one.figure.value for _, one in known], float)
    error = [one.figure.error or 0.0 for _, one in known]
    meaning = known[0][1].meaning
    data: list[dict[str, Any]] = [
        {"x": x.tolist(), "y": y.tolist(), "mode": "markers", "name": "session", "marker": {"color": INK, "size": 9},
         "error_y": {"type": "data", "array": error, "color": SOFT, "thickness": 1}},
    ]  # fmt: skip
    if len(known) > LEAST_TREND:
        slope, level = np.polyfit(x, y, 1)
        data.append({"x": x.tolist(), "y": (level + slope * x).tolist(), "mode": "lines", "name": "trend",
                     "line": {"color": INK, "width": 1, "dash": "dash"}})  # fmt: skip
    if meaning.limit is not None:
        data.append({"x": [float(x[0]), float(x[-1])], "y": [meaning.limit] * 2, "mode": "lines", "name": "limit",
                     "line": {"color": WARM, "width": 1, "dash": "dot"}})  # fmt: skip
    unit = f", {meaning.unit}" if meaning.unit else ""
    title = {"text": known[0][1].title + unit, "font": {"size": 13}}
    top = max([*y, *np.add(y, error), meaning.limit or 0.0])
    layout = {"height": 240, "margin": MARGIN, "showlegend": False, "title": title,
              "xaxis": {"title": {"text": "session"}, "dtick": 1},
              "yaxis": {"range": [min(0.0, float(y.min()) * 1.1), max(1.0, float(top)) * 1.08]}}  # fmt: skip
    return {"data": data, "layout": layout}


def cusum_plot(cusum: Cusum) -> dict[str, Any]:
    """The cumulative sum with its two decision lines."""
    x = list(range(len(cusum.values)))
    data = [
        {"x": x, "y": list(cusum.values), "mode": "lines+markers", "name": "CUSUM", "line": {"color": INK}},
        {"x": [0, x[-1]], "y": [cusum.proficient_at] * 2, "mode": "lines", "name": "competent below",
         "line": {"color": "#14683a", "dash": "dot"}},
        {"x": [0, x[-1]], "y": [cusum.deficient_at] * 2, "mode": "lines", "name": "too many failures above",
         "line": {"color": WARM, "dash": "dot"}},
    ]  # fmt: skip
    layout = {"height": 260, "margin": MARGIN, "xaxis": {"title": {"text": "session"}, "dtick": 1},
              "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}  # fmt: skip
    return {"data": data, "layout": layout}


def _line(name: str, time_s: Any, values: Any, ink: str) -> dict[str, Any]:
    return {
        "x": [round(float(t), 3) for t in time_s],
        "y": [None if math.isnan(v) else round(float(v), 2) for v in values],
        "name": name, "mode": "lines", "line": {"color": ink, "width": 1.6}, "connectgaps": False,
    }  # fmt: skip


def _range(lines: Sequence[dict[str, Any]]) -> list[float]:
    """Of an axis that holds these lines, and zero: told, since a page that is printed is not measured anew."""
    values = [value for line in lines for value in line["y"] if value is not None]
    low, high = min([0.0, *values]), max([1.0, *values])
    return [low - 0.05 * (high - low), high + 0.08 * (high - low)]


def _first(values: Any) -> float:
    known = np.flatnonzero(np.isfinite(values))
    return float(values[known[0]]) if len(known) else 0.0


def _shade(begin: float, end: float, ink: str) -> dict[str, Any]:
    return {"type": "rect", "x0": begin, "x1": end, "y0": 0, "y1": 1, "yref": "paper", "fillcolor": ink,
            "line": {"width": 0}, "layer": "below"}  # fmt: skip


def _without_needle(session: ScoredSession) -> list[tuple[float, float]]:
    attempt = session.attempt
    edges = np.diff(np.concatenate([[False], ~attempt.is_needle, [False]]).astype(np.int8))
    ends = np.append(attempt.time_s, attempt.time_s[-1] + attempt.step_s[-1])
    return [(float(ends[a]), float(ends[b]))
            for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)]  # fmt: skip
