"""Tracked sequences as what calibrations take: moments with pictures and transforms, or transforms alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import DeviceError
from rtguide.model.pose import TrackedFrame
from rtguide.recording.metaimage import DATA_KEY
from rtguide.recording.sequence_clip import SequenceClip
from rtguide.recording.sequence_header import frame_fields, parse_numbers

__all__ = ["read_poses", "read_tracked"]

LONGEST_HEADER = 256 << 20


def read_tracked(path: Path) -> tuple[TrackedFrame, ...]:
    """Every frame of a `.mha` or `.nrrd` sequence with its picture and the transforms that were valid.

    Raises
    ------
    DeviceError
        It cannot be read; the message names the path.
    """
    clip = SequenceClip(path)
    try:
        return tuple(
            TrackedFrame(_time_s(clip.header.fields[n], path, n), clip.pixels(n), _transforms(clip.header.fields[n]))
            for n in range(min(len(clip), len(clip.header.fields)))
            if clip.is_image_valid(n)
        )
    finally:
        clip.close()


def read_poses(path: Path) -> tuple[TrackedFrame, ...]:
    """Every moment of a `.mha` sequence that may have no pictures; pictures are not read.

    Raises
    ------
    DeviceError
        It cannot be read, or holds no tracking.
    """
    try:
        with path.open("rb") as file:
            head = file.read(LONGEST_HEADER)
    except OSError as error:
        raise DeviceError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    end = head.find(DATA_KEY)
    if end < 0:
        raise DeviceError(f"{path}: is no tracked sequence (.mha); its header has no end")
    lines = (line.partition("=") for line in head[:end].decode("latin-1").splitlines())
    items = {key.strip(): value.strip() for key, mark, value in lines if mark}
    sizes = parse_numbers(items.get("DimSize", "")) or [0]
    frames = frame_fields(items, int(max(0, sizes[-1])))
    poses = tuple(TrackedFrame(_time_s(own, path, n), None, _transforms(own)) for n, own in enumerate(frames))
    if not any(pose.transforms for pose in poses):
        raise DeviceError(f"{path}: holds no valid transform; give the file that the tracker's poses are in")
    return poses


def _time_s(fields: Mapping[str, str], path: Path, index: int) -> float:
    numbers = parse_numbers(fields.get("Timestamp", ""))
    if not numbers:
        raise DeviceError(f"{path}: frame {index} has no time (Timestamp)")
    return numbers[0]


def _transforms(own: Mapping[str, str]) -> dict[str, NDArray[np.float64]]:
    found = {}
    for key, text in own.items():
        name = key.removesuffix("Transform")
        numbers = parse_numbers(text) if key.endswith("Transform") else None
        if numbers is None or len(numbers) != 16 or not np.isfinite(numbers).all():
            continue
        if own.get(f"{key}Status", "OK").strip() == "OK":
            found[name] = np.array(numbers).reshape(4, 4)
    return found
