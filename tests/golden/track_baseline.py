"""The recordings as `rtguide track` sees them, and where what it said is kept."""

import contextlib
import json
from pathlib import Path

from rtguide.app.cli import run

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path.parent for path in (ROOT / "recordings").glob("*/video.mkv"))

SECONDS = 3
"""Each recording lasts so long."""


def baseline_of(case: Path) -> Path:
    """Its lines when they were last looked at and found good."""
    return ROOT / "tests" / "golden" / "tracks" / f"{case.name}.jsonl.gz"


def track(case: Path, out: Path) -> None:
    """The lines of today's tracker: scale and first target told, as in `rtguide bench tracking`."""
    told = json.loads((case / "case.json").read_text(encoding="utf-8"))
    box = ",".join(str(value) for value in told["target_box"])
    command = ["track", str(case / "video.mkv"), "--out", str(out), "--target", f"target={box}",
               "--mm-per-px", str(1 / told["px_per_mm"])]  # fmt: skip
    with contextlib.suppress(SystemExit):
        run(command)
    assert len(out.read_text(encoding="utf-8").splitlines()) == told["fps"] * SECONDS, f"rtguide {' '.join(command)}"
