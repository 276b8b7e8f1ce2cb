"""Error curves of a case as an interactive plot: the tip's and the structure's error over time, with what is true."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.bench.run_cases import Judged
from rtguide.training.baseline import STRUCTURES_ONLY
from rtguide.training.score import HELD_MM, LIMIT_MM, tip_errors_mm

__all__ = ["curves"]

INKS = ("#0b6e99", "#c2571a", "#7a7a7a", "#7a4ea3")
"""A line's colour by the place of its tracker; the first is ours."""

_TOP_MM = 8.0
"""Errors beyond are drawn at the upper edge: what matters is whether it is 1 or 3 mm, not 30 or 40."""
_SHADES = {
    "hidden": "rgba(60,60,60,0.16)",
    "grey zone": "rgba(60,60,60,0.07)",
    "no needle": "rgba(80,140,220,0.13)",
}
_HEIGHT_PX = 340

Floats = NDArray[np.float64]


def curves(judged: Sequence[Judged]) -> dict[str, Any]:
    """A plot of one case under all its trackers, as plotly.js takes it: {"data": [...], "layout": {...}}."""
    case = judged[0].case
    time_s = case.truth.frame / case.rate_hz
    data: list[dict[str, Any]] = []
    for ink, one in zip(INKS, judged, strict=False):
        if one.tracker not in STRUCTURES_ONLY:
            error = tip_errors_mm(case, one.answers)
            seen = np.where(one.answers.is_seen, error, np.nan)
            predicted = np.where(one.answers.is_shown & ~one.answers.is_seen, error, np.nan)
            data.append(_line(f"{one.tracker}: tip seen", time_s, seen, ink))
            if np.isfinite(predicted).any():
                data.append(_line(f"{one.tracker}: predicted", time_s, predicted, ink) | {"mode": "markers"})
        target = np.hypot(*(one.answers.target_px - case.truth.target_px).T) / case.px_per_mm
        target = np.where(one.answers.is_tracked, target, np.nan)
        if np.isfinite(target).any():
            data.append(_line(f"{one.tracker}: structure", time_s, target, ink) | {"yaxis": "y2", "xaxis": "x2"})
    axis = {"rangemode": "tozero", "zeroline": False, "fixedrange": False}
    span = [float(time_s[0]), float(time_s[-1]) if len(time_s) > 1 else 1.0]
    layout = {
        "height": _HEIGHT_PX,
        "margin": {"l": 56, "r": 12, "t": 30, "b": 40},
        "hovermode": "x unified",
        "legend": {"font": {"size": 11}, "orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"range": span, "anchor": "y", "showticklabels": False, "matches": "x2"},
        "xaxis2": {"range": span, "anchor": "y2", "title": {"text": "seconds"}},
        "yaxis": axis | {"domain": [0.42, 1.0], "title": {"text": "tip, mm"}, "range": [0, _TOP_MM]},
        "yaxis2": axis | {"domain": [0.0, 0.34], "title": {"text": "structure, mm"}},
        "shapes": [*_shades(judged[0]), _limit(LIMIT_MM, "y"), _limit(HELD_MM, "y2")],
    }
    return {"data": data, "layout": layout}


def _line(name: str, time_s: Floats, error: Floats, ink: str) -> dict[str, Any]:
    values = [None if np.isnan(value) else round(min(float(value), _TOP_MM), 3) for value in error]
    x = [round(float(value), 3) for value in time_s]
    line = {"color": ink, "width": 1.5}
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": values, "line": line, "marker": {"size": 4}}


def _shades(one: Judged) -> list[dict[str, Any]]:
    truth = one.case.truth
    states = {
        "hidden": truth.has_needle & (truth.tip_visible == 0),
        "grey zone": truth.has_needle & (truth.tip_visible == -1),
        "no needle": ~truth.has_needle,
    }
    shapes = []
    for name, is_so in states.items():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_so.astype(np.int8), [0]])))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            x0, x1 = first / one.case.rate_hz, end / one.case.rate_hz
            box = {"type": "rect", "xref": "x", "yref": "paper", "y0": 0.42, "y1": 1, "x0": x0, "x1": x1}
            shapes.append(box | {"fillcolor": _SHADES[name], "line": {"width": 0}, "layer": "below"})
    return shapes


def _limit(mm: float, axis: str) -> dict[str, Any]:
    line = {"color": "#b00020", "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "yref": axis, "x0": 0, "x1": 1, "y0": mm, "y1": mm, "line": line}
