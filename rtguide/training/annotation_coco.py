"""Annotations as COCO JSON, and back: an image a key frame, the needle as key points, structures as polygons.

`tip` and `entry` are key points of the category `needle`: visible 2, labelled but hidden 1, not labelled 0. What COCO
has no field for (the shaft's points, what is said of the tip) stands in `attributes`. COCO counts from the corner of
the first pixel, rtguide from its centre: half a pixel is added and taken off.

References
----------
cocodataset.org, "Data format": object detection and keypoint detection.
"""

from typing import Any

from rtguide.errors import ConfigError
from rtguide.model.points import Point, Points, as_array
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight

__all__ = ["from_coco", "to_coco"]

HALF = 0.5
NEEDLE = "needle"


def to_coco(annotation: Annotation) -> dict[str, Any]:
    """Plain values, ready for `json.dumps`."""
    clip = annotation.clip
    names = list(dict.fromkeys(name for key in annotation.keys for name in key.outlines_px))
    numbers = {name: number for number, name in enumerate(names, start=2)}
    categories: list[dict[str, Any]] = [
        {"id": 1, "name": NEEDLE, "supercategory": "", "keypoints": ["tip", "entry"], "skeleton": [[1, 2]]}
    ]
    categories += [{"id": number, "name": name, "supercategory": "structure"} for name, number in numbers.items()]
    images, marks = [], []
    for key in annotation.keys:
        images.append({"id": key.frame + 1, "width": clip.shape_px[1], "height": clip.shape_px[0],
                       "file_name": f"frame-{key.frame:06d}.png", "frame": key.frame,
                       "attributes": {"tip": key.tip and key.tip.value}})  # fmt: skip
        if key.tip not in (None, TipSight.ABSENT):
            marks.append({"image_id": key.frame + 1, "category_id": 1, **_needle(key)})
        marks += [
            {"image_id": key.frame + 1, "category_id": numbers[name], **_outline(points)}
            for name, points in key.outlines_px.items()
        ]
    for number, mark in enumerate(marks, start=1):
        mark |= {"id": number, "iscrowd": 0}
    info = {"description": clip.name, "contributor": annotation.annotator, "version": "1"}
    return {"info": info, "licenses": [], "images": images, "annotations": marks, "categories": categories}


def from_coco(value: dict[str, Any], clip: Clip, annotator: str) -> Annotation:
    """What `to_coco` gave, or another program marked with the same categories.

    Raises
    ------
    ConfigError
        It is no COCO, or holds what cannot be.
    """
    try:
        names = {category["id"]: category["name"] for category in value["categories"]}
        keys = {}
        for image in value["images"]:
            said = image.get("attributes", {}).get("tip")
            key = KeyFrame(_frame(image), TipSight.ABSENT if said == TipSight.ABSENT.value else None)
            for mark in value["annotations"]:
                if mark["image_id"] == image["id"]:
                    key = _with(key, names[mark["category_id"]], mark)
            keys[key.frame] = key
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ConfigError(f"this is no COCO of a needle and structures ({error!r})") from error
    return Annotation(clip, annotator, tuple(keys[frame] for frame in sorted(keys) if not keys[frame].is_empty))


def _frame(image: dict[str, Any]) -> int:
    """Of an image: said, or the last number in its name."""
    if "frame" in image:
        return int(image["frame"])
    digits = "".join(letter if letter.isdigit() else " " for letter in image["file_name"]).split()
    return int(digits[-1])


def _needle(key: KeyFrame) -> dict[str, Any]:
    seen = 2 if key.tip is TipSight.VISIBLE else 1
    flat: list[float] = []
    for point, visible in ((key.tip_px, seen), (key.shaft_px[0] if key.shaft_px else None, 2)):
        flat += [0, 0, 0] if point is None else [round(point[0] + HALF, 3), round(point[1] + HALF, 3), visible]
    known = [point for point in (key.tip_px, *key.shaft_px) if point is not None]
    return {
        "keypoints": flat, "num_keypoints": sum(v > 0 for v in flat[2::3]), **_box(tuple(known)), "segmentation": [],
        "attributes": {"tip": key.tip and key.tip.value, "shaft": [list(point) for point in key.shaft_px]},
    }  # fmt: skip


def _outline(points: Points) -> dict[str, Any]:
    x, y = as_array(points).T
    area = abs(float((x * [*y[1:], y[0]] - [*x[1:], x[0]] * y).sum())) / 2
    flat = [round(value + HALF, 3) for point in points for value in point]
    return {"segmentation": [flat], **_box(points), "area": area}


def _box(points: Points) -> dict[str, Any]:
    if not points:
        return {"bbox": [0, 0, 0, 0], "area": 0}
    corners = as_array(points)
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = high - low
    return {"bbox": [*(low + HALF).tolist(), *size.tolist()], "area": float(size.prod())}


def _with(key: KeyFrame, name: str, mark: dict[str, Any]) -> KeyFrame:
    if name != NEEDLE:
        flat = mark["segmentation"][0]
        points = tuple((round(x - HALF, 3), round(y - HALF, 3)) for x, y in zip(flat[::2], flat[1::2], strict=True))
        return KeyFrame(key.frame, key.tip, key.tip_px, key.shaft_px, {**key.outlines_px, name: points})
    (x, y, seen), more = mark["keypoints"][:3], mark.get("attributes", {})
    tip_px: Point | None = None if not seen else (round(x - HALF, 3), round(y - HALF, 3))
    usual = {0: TipSight.UNSURE, 1: TipSight.HIDDEN, 2: TipSight.VISIBLE}[seen]
    tip = TipSight(more["tip"]) if more.get("tip") else usual
    shaft: Points = tuple((float(a), float(b)) for a, b in more.get("shaft", ()))
    if not shaft and len(mark["keypoints"]) >= 6 and mark["keypoints"][5] and tip_px is not None:
        shaft = ((round(mark["keypoints"][3] - HALF, 3), round(mark["keypoints"][4] - HALF, 3)), tip_px)
    return KeyFrame(key.frame, tip, tip_px, shaft, key.outlines_px)
