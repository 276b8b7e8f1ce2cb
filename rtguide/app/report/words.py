"""Figures in words: what a learner reads first."""

from collections.abc import Sequence
from html import escape

from rtguide.training.rubric import Judged, Rubric, points_of

__all__ = ["first_look", "limit_of", "links_to", "value_of"]

MOST_LINKS, MOST_POINTS = 6, 3
"""Moments of one figure, and figures to begin with: more are not read in two minutes."""

WORTH = 0.05
"""A loss of less than this of all points is nothing to begin with."""


def first_look(judged: Sequence[Judged], rubric: Rubric, plot: str) -> str:
    """Where most points were lost, with the moments; what was met; what could not be told."""
    scored = [(one, points_of(one, rubric.pass_score)) for one in judged if one.meaning.weight > 0.0]
    told = [(one, points) for one, points in scored if points is not None]
    total = sum(one.meaning.weight for one, _ in told)
    lost = sorted(((one.meaning.weight * (100.0 - points) / 100.0, one) for one, points in told), key=lambda x: -x[0])
    rows = [
        f"<li><b>{escape(one.title)}</b>: {value_of(one)}, wanted {limit_of(one)}{_at(one, plot)}</li>"
        for loss, one in lost[:MOST_POINTS]
        if loss >= WORTH * total
    ]
    limits = [one.is_met for one, _ in scored if one.is_met is not None]
    if not limits:
        return ""
    met = f"{sum(limits)} of {len(limits)} limits met"
    untold = [one.title.lower() for one, points in scored if points is None]
    missing = f" Not told: {escape(', '.join(untold))}." if untold else ""
    head = "Look at this first" if rows else "Nothing stood out"
    listed = f"<ol>{''.join(rows)}</ol>" if rows else ""
    return f'<div class="first"><h3>{head}</h3>{listed}<p class="soft">{met}.{missing}</p></div>'


def _at(one: Judged, plot: str) -> str:
    links = links_to(one, plot)
    return f" (at {links})" if links else ""


def links_to(one: Judged, plot: str) -> str:
    """To the moments it came from: the first of them that it names, in order of time."""
    spans = one.figure.spans
    links = [f'<a href="#{plot}" data-seek="{plot}" data-begin="{a:.2f}" data-end="{b:.2f}">{a:.1f} s</a>'
             for a, b in sorted(spans[:MOST_LINKS])]  # fmt: skip
    return ", ".join(links) + (f" and {len(spans) - MOST_LINKS} more" if len(spans) > MOST_LINKS else "")


def limit_of(one: Judged) -> str:
    """What has to be met; empty where nothing has to."""
    limit, unit = one.meaning.limit, f" {one.meaning.unit}" if one.meaning.unit else ""
    sign = "≤" if one.meaning.better == "less" else "≥"
    return "" if limit is None else f"{sign} {limit:g}{escape(unit)}"


def value_of(one: Judged) -> str:
    """The value with its error, or that it is at most or at least so much; a dash where it was not measured."""
    value, unit = one.figure.value, f" {one.meaning.unit}" if one.meaning.unit else ""
    if value is None:
        return "–"
    is_count = one.figure.error is None and float(value).is_integer()
    text = f"{value:.0f}" if is_count else f"{value:.1f}"
    text = f"{one.figure.bound} {text}" if one.figure.bound else text
    error = "" if one.figure.error is None else f" ± {one.figure.error:.1f}"
    return escape(f"{text}{error}{unit}")
