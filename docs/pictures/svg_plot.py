"""Plain line plots as SVG text: no library, the same bytes on every run."""

from dataclasses import dataclass, field
from html import escape

__all__ = ["Panel", "render"]

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 260, 52, 14, 34, 44
INKS = ("#1f6f8b", "#c2571a", "#4d7c2a", "#7a4ea3", "#555555", "#b03060")


@dataclass
class Panel:
    """One plot. lines: (label, x, y, is_dashed)."""

    title: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    lines: list[tuple[str, list[float], list[float], bool]] = field(default_factory=list)

    def add(self, label: str, x: object, y: object, *, is_dashed: bool = False) -> None:
        """Add a line; x and y are sequences of numbers."""
        self.lines.append((label, [float(v) for v in x], [float(v) for v in y], is_dashed))  # type: ignore[attr-defined]


def render(panels: list[Panel]) -> str:
    """The panels side by side as one SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(panels)}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH * len(panels)}" height="{HEIGHT}" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({number * WIDTH},0)">')
        parts += _draw(panel)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _draw(panel: Panel) -> list[str]:
    x1, y1 = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(panel.title)}</text>',
        f'<rect x="{LEFT}" y="{TOP}" width="{x1 - LEFT}" height="{y1 - TOP}" fill="none" stroke="#999"/>',
        f'<text x="{(LEFT + x1) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(panel.x_label)}</text>',
        f'<text transform="translate(13,{(TOP + y1) / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(panel.y_label)}</text>",
    ]
    for step in range(5):
        share = step / 4
        x_value = panel.x_range[0] + share * (panel.x_range[1] - panel.x_range[0])
        y_value = panel.y_range[0] + share * (panel.y_range[1] - panel.y_range[0])
        x, y = LEFT + share * (x1 - LEFT), y1 - share * (y1 - TOP)
        parts.append(f'<text x="{x:.1f}" y="{y1 + 15}" text-anchor="middle" fill="#555">{x_value:.3g}</text>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{y_value:.3g}</text>')
    for number, (label, xs, ys, is_dashed) in enumerate(panel.lines):
        ink = INKS[number % len(INKS)]
        places = []
        for x, y in zip(xs, ys, strict=True):
            px = LEFT + (x - panel.x_range[0]) / (panel.x_range[1] - panel.x_range[0]) * (x1 - LEFT)
            py = y1 - (y - panel.y_range[0]) / (panel.y_range[1] - panel.y_range[0]) * (y1 - TOP)
            if LEFT - 0.5 <= px <= x1 + 0.5:
                places.append(f"{px:.1f},{min(max(py, TOP), y1):.1f}")
        dash = ' stroke-dasharray="5 4"' if is_dashed else ""
        parts.append(f'<polyline points="{" ".join(places)}" fill="none" stroke="{ink}" stroke-width="1.6"{dash}/>')
        parts.append(
            f'<text x="{x1 - 6}" y="{TOP + 14 + 14 * number}" text-anchor="end" fill="{ink}">{escape(label)}</text>'
        )
    return parts
