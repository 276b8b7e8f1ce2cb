"""Regenerate the overlay's goldens and print what changed.

PYTHONPATH=tests:tests/golden QT_QPA_PLATFORM=offscreen python tests/golden/regenerate_overlays.py
"""

import difflib

import numpy as np
from overlay_cases import CASES, FOLDER, PAINTED, as_text, cropped, plain, shapes_of

from rtguide.opencv import cv2
from rtguide.view.offscreen import ScenePainter


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        path, new = FOLDER / f"{name}.jsonl", as_text(shapes_of(name))
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in difflib.unified_diff(
            old.splitlines(), new.splitlines(), name, name, "before", "after", lineterm="", n=0
        ):
            print(line)
        path.write_text(new, encoding="utf-8")
    for name in PAINTED:
        path, picture = FOLDER / f"{name}.png", cropped(ScenePainter().paint(plain(CASES[name][0])))
        before = cv2.imread(str(path)) if path.exists() else None
        if before is None or before.shape != picture.shape:
            print(f"{name}.png: new")
        else:
            difference = np.abs(before[:, :, ::-1].astype(int) - picture)
            print(f"{name}.png: mean difference {difference.mean():.3f}, largest {difference.max()}")
        cv2.imwrite(str(path), picture[:, :, ::-1])


if __name__ == "__main__":
    main()
