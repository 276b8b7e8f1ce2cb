"""Renders the samples of this folder anew and writes index.toml: `python recordings/make_samples.py`."""

import hashlib
import shutil
import sys
from pathlib import Path

from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.case_folder import CaseOptions, write_case

HERE = Path(__file__).parent
SAMPLES = (("femoral", 1), ("infraclavicular", 2), ("lumbar-facet", 3))
RATE_HZ = 25.0
OPTIONS = CaseOptions(seconds=3.0, codec="lossy", quality=8)


def main() -> None:
    """One folder a sample, and the index."""
    index = ["# Short samples with exact truth; docs/cases.md describes their form.", ""]
    for name, seed in SAMPLES:
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        for _ in write_case(Phantom(load_scenario(name), seed, RATE_HZ), folder, OPTIONS):
            pass
        index += [
            "[[sample]]",
            f'folder = "{name}"',
            f'source = "rtguide phantom, scenario {name}, seed {seed}, {RATE_HZ:g} frames/s, {OPTIONS.seconds:g} s"',
            'licence = "BSD-3-Clause"',
            "[sample.sha256]",
        ]
        index += [f'"{f.name}" = "{hashlib.sha256(f.read_bytes()).hexdigest()}"' for f in sorted(folder.iterdir())]
        index.append("")
        sys.stdout.write(f"{name}\n")
    (HERE / "index.toml").write_text("\n".join(index), encoding="utf-8")


if __name__ == "__main__":
    main()
