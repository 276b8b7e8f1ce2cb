"""`--html`: one page that needs nothing else: tables against the aims, worst frames, curves of every case."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.app.bench.page_curves import curves
from rtguide.app.bench.run_cases import Judged
from rtguide.app.bench.tracking_tables import NEEDLE, STRUCTURE, Column, Row
from rtguide.app.bench.worst_frames import picture, worst_frames
from rtguide.app.plotly_script import plotly_script
from rtguide.errors import RecordingError
from rtguide.training.baseline import STRUCTURES_ONLY

__all__ = ["Page", "write_page"]

_PICTURES = 12
_OPEN_CASES = 6
"""Up to this many cases all curves are open at once; else each opens on a click."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is on it. judged: each case under each tracker · cases, pools: rows of the tables · about: one line."""

    judged: Sequence[Judged]
    cases: Sequence[Row]
    pools: Sequence[Row]
    about: str


def write_page(page: Page, path: Path) -> None:
    """Write the page.

    Raises
    ------
    ConfigError
        plotly is not installed.
    RecordingError
        It cannot be written.
    """
    script = plotly_script()
    ours = [one for one in page.judged if one.tracker == page.judged[0].tracker]
    plots = []
    for index, one in enumerate(ours):
        plots.append(_plot(index, [other for other in page.judged if other.folder == one.folder], len(ours)))
    text = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8")).substitute(
        about=escape(page.about),
        notice=escape(RESEARCH_NOTICE),
        version=escape(__version__),
        tracker=escape(ours[0].tracker),
        pools=_table(page.pools),
        pictures="\n".join(_figure(ours[bad.case], bad.what, picture(ours[bad.case], bad), bad.row)
                           for bad in worst_frames(ours, _PICTURES)) or "<p>None: no tip was wrong or missed.</p>",
        plots="\n".join(plots),
        cases=_table(page.cases),
        plotly=script,
    )  # fmt: skip
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path} cannot be written ({error.strerror}): choose another place") from error


def _table(rows: Sequence[Row]) -> str:
    """Both groups of figures side by side; what has an aim is coloured and marked by it."""
    columns = (*NEEDLE, *STRUCTURE)
    head = "".join(f"<th>{escape(column.heading)}</th>" for column in columns)
    lines = [
        '<table><thead><tr><th></th><th></th>'
        f'<th colspan="{len(NEEDLE)}" class="group">needle</th>'
        f'<th colspan="{len(STRUCTURE)}" class="group">first structure</th>'
        f"</tr><tr><th>case</th><th>tracker</th>{head}</tr></thead><tbody>"
    ]  # fmt: skip
    name = ""
    for row in rows:
        title = escape(f"{row.name} ({row.cases})" if row.half else row.name) if row.name != name else ""
        lead = ' class="lead"' if title else ""
        cells = "".join(_cell(column, row) for column in columns)
        lines.append(f"<tr{lead}><th>{title}</th><td>{escape(row.tracker)}</td>{cells}</tr>")
        name = row.name
        is_last = [other for other in rows if other.name == row.name][-1] is row
        if row.half and is_last and any(row.aim(column.name) for column in columns):
            aims = "".join(f"<td>{column.aim_text(row.aim(column.name))}</td>" for column in columns)
            lines.append(f'<tr class="aim"><th></th><td>aim</td>{aims}</tr>')
    return "\n".join([*lines, "</tbody></table>"])


def _cell(column: Column, row: Row) -> str:
    if row.tracker in STRUCTURES_ONLY and column in NEEDLE:
        return "<td></td>"
    aim, value = row.aim(column.name), float(getattr(row.figures, column.name))
    text = column.text(row.figures)
    if aim is None or math.isnan(value):
        return f"<td>{text}</td>"
    return f'<td class="met">{text} ✓</td>' if aim.is_met(value) else f'<td class="missed">{text} ✗</td>'


def _figure(one: Judged, what: str, address: str, row: int) -> str:
    truth = one.case.truth
    seconds = truth.frame[row] / one.case.rate_hz
    visibility = {1: "visible", 0: "hidden", -1: "in the grey zone"}[int(truth.tip_visible[row])]
    state = visibility if truth.has_needle[row] else "no needle"
    caption = f"<b>{escape(one.case.name)}</b>, {seconds:.2f} s: {escape(what)} (in truth: {state})"
    return f'<figure><img src="{address}" alt=""><figcaption>{caption}</figcaption></figure>'


def _plot(index: int, judged: Sequence[Judged], of: int) -> str:
    is_open = " open" if of <= _OPEN_CASES else ""
    found = judged[0].tally.found / judged[0].tally.scored if judged[0].tally.scored else math.nan
    share = "" if math.isnan(found) else f": found {found:.0%}"
    figure = json.dumps(curves(judged), separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<details data-plot="{index}"{is_open}><summary>{escape(judged[0].case.name)}{share}</summary>'
        f'<div id="plot-{index}"></div><script type="application/json" id="figure-{index}">{figure}</script></details>'
    )
