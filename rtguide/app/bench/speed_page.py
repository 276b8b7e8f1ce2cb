"""`rtguide bench speed --html`: cost against picture area and against the number of structures, as tables and plots."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.app.bench.report import COUNT_HEADINGS, SIZE_HEADINGS, count_cells, size_cells
from rtguide.app.bench.speed import SpeedRow
from rtguide.app.bench.structure_cost import CountRow
from rtguide.errors import RecordingError

__all__ = ["write_speed_page"]

WIDTH, HEIGHT = 520, 300
LEFT, TOP, RIGHT, BOTTOM = 52, 14, 12, 40
INKS = ("#0b6e99", "#7a7a7a", "#c2571a")

Line = tuple[str, Sequence[float]]

_STYLE = """body { font: 15px/1.45 system-ui, sans-serif; margin: 1.2rem auto; max-width: 1140px; color: #1c1f23; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } .soft { color: #5a6270; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; text-align: right; }
thead th { border-bottom: 1px solid #9aa3ad; } .pair { display: flex; flex-wrap: wrap; gap: 1.5rem; }
svg text { font: 12px system-ui, sans-serif; fill: #3a3f46; }"""


def write_speed_page(rows: Sequence[SpeedRow], counts: Sequence[CountRow], path: Path) -> None:
    """Write the page; it needs nothing else.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    areas = [row.width * row.height / 1e6 for row in rows]
    size_lines: list[Line] = [
        ("frame to scene", [row.pipeline_median_ms for row in rows]),
        ("GaussianBlur 7×7", [row.blur_median_ms for row in rows]),
        ("optical flow, one structure", [row.flow_median_ms for row in rows]),
    ]
    numbers = [float(row.structures) for row in counts]
    count_lines: list[Line] = [
        ("frame to scene", [row.pipeline_median_ms for row in counts]),
        ("all but the structures", [counts[0].pipeline_median_ms] * len(counts)),
        ("… and optical flow for each", [counts[0].pipeline_median_ms + n * counts[0].flow_median_ms for n in numbers]),
    ]
    text = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>rtguide bench speed</title><style>{_STYLE}</style>
<h1>What a frame costs</h1>
<p>Medians of {rows[0].frames} frames, one thread, everything measured in the same run on the same frames.
× is in units of a 7×7 Gaussian blur of the frame.
<b>flow</b>: cv2.calcOpticalFlowPyrLK there and back, 60 points, 21×21, 3 levels.</p>
<p class="soft">rtguide {escape(__version__)}. {escape(RESEARCH_NOTICE)}.</p>
<h2>By the area of the picture</h2>
<div class="pair">{_plot("million pixels", areas, size_lines)}
{_table(SIZE_HEADINGS, [size_cells(row) for row in rows])}</div>
<h2>By the number of structures, 1920×1080</h2>
<div class="pair">{_plot("structures", numbers, count_lines)}
{_table(COUNT_HEADINGS, [count_cells(row) for row in counts])}</div>
"""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path} cannot be written ({error.strerror}): choose another place") from error


def _table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _plot(axis: str, xs: Sequence[float], lines: Sequence[Line]) -> str:
    """Milliseconds over x as an SVG."""
    most_x, most_y = max(xs) or 1.0, max(max(values) for _, values in lines) * 1.08

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + (WIDTH - LEFT - RIGHT) * x / most_x, 1),
            round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / most_y, 1),
        )

    parts = [f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="milliseconds by {escape(axis)}">']
    step = _step(most_y)
    for number in range(int(most_y / step) + 1):
        (x, y), (end, _) = at(0, number * step), at(most_x, 0)
        parts.append(f'<path d="M{x} {y}H{end}" stroke="#e2e5e9"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{number * step:g}</text>')
    for value in xs:
        x, y = at(value, 0)
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{value:.2g}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 4}" text-anchor="middle">{escape(axis)}</text>')
    for place, (ink, (name, values)) in enumerate(zip(INKS, lines, strict=True)):
        points = [at(x, y) for x, y in zip(xs, values, strict=True)]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{ink}"/>' for x, y in points]
        top = TOP + 10 + 17 * place
        parts.append(f'<path d="M{LEFT + 10} {top - 4}h18" stroke="{ink}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 34}" y="{top}">{escape(name)}, ms</text>')
    return "".join([*parts, "</svg>"])


def _step(most: float) -> float:
    """1, 2 or 5 times a power of ten: at most eight steps up to `most`."""
    step = 0.1
    for factor in (2, 2.5, 2) * 6:
        if most / step <= 8:
            break
        step *= factor
    return step
