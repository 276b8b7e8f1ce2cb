"""Write today's tracker down as the baseline of the recordings, and print where it differs from the one before.

PYTHONPATH=tests:tests/golden python tests/golden/regenerate_tracks.py
"""

import gzip
import tempfile
from pathlib import Path

from track_baseline import CASES, baseline_of, track

from rtguide.app.diff import diff


def main() -> None:
    for case in CASES:
        path = baseline_of(case)
        with tempfile.TemporaryDirectory() as place:
            new = Path(place) / "lines.jsonl"
            track(case, new)
            if path.exists():
                for line in diff(path, new, 0.0).summary():
                    print(f"{case.name}: {line}")
            else:
                print(f"{case.name}: new")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(gzip.compress(new.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
