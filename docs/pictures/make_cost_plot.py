"""The plot of cost against image area and number of structures, from `rtguide bench speed --all-sizes --json`.

python docs/pictures/make_cost_plot.py SPEED.json docs/pictures/cost.svg

Measure on a quiet machine: both panels are ratios of one run, and still waver where others compute beside it.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from svg_plot import Panel, render


def panels(measured: dict[str, Any]) -> list[Panel]:
    """Time a frame against megapixels, and what structures add, both beside optical flow for one structure."""
    sizes, counts = measured["sizes"], measured["structures"]
    area = [one["width"] * one["height"] / 1e6 for one in sizes]
    most = max(max(one["pipeline_median_ms"], one["flow_median_ms"]) for one in sizes)
    by_area = Panel("cost by image area, 2 structures", "megapixels", "ms a frame, median", (0, max(area)), (0, most))
    by_area.add("rtguide", area, [one["pipeline_median_ms"] for one in sizes])
    by_area.add("optical flow, one structure", area, [one["flow_median_ms"] for one in sizes], is_dashed=True)
    by_area.add("7×7 blur", area, [one["blur_median_ms"] for one in sizes], is_dashed=True)
    number = [one["structures"] for one in counts]
    added = [one["extra_ms"] / one["flow_median_ms"] for one in counts]
    aim = [0.2 * one for one in number]
    by_count = Panel(
        "structures at 1920×1080", "structures", "added, flows for one", (0, max(number)), (0, max(aim + added))
    )
    by_count.add("rtguide", number, added)
    by_count.add("aim: 0.2 each", number, aim, is_dashed=True)
    return [by_area, by_count]


def main() -> None:
    """Read the figures, write the SVG."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(render(panels(measured)), encoding="utf-8")


if __name__ == "__main__":
    main()
