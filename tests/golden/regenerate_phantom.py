"""Regenerate the phantom's golden and print what changed.

PYTHONPATH=tests/golden python tests/golden/regenerate_phantom.py
"""

import numpy as np
from phantom_cases import PATH, stack

from rtguide.opencv import cv2


def main() -> None:
    new = stack()
    old = cv2.imread(str(PATH), cv2.IMREAD_GRAYSCALE) if PATH.exists() else None
    if old is None or old.shape != new.shape:
        print(f"{PATH.name}: new")
    else:
        difference = np.abs(old.astype(int) - new)
        print(f"{PATH.name}: mean difference {difference.mean():.3f}, largest {difference.max()}")
        print(f"share of pixels that differ: {np.mean(difference > 0):.5f}")
    PATH.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(PATH), new)


if __name__ == "__main__":
    main()
