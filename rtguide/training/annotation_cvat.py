"""Annotations as CVAT's XML for video tasks, version 1.1, and back.

A track a mark: `tip` (points), `shaft` (polyline), each structure (polygon). Every shape is a key frame; what CVAT has
interpolated itself (`keyframe="0"`) is left out when read. CVAT counts from the corner of the first pixel, rtguide from
its centre: half a pixel is added and taken off.

References
----------
CVAT, "XML annotation format", docs.cvat.ai, version 1.1, interpolation.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from rtguide.errors import ConfigError
from rtguide.model.points import Point, Points
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight

__all__ = ["from_cvat", "to_cvat"]

HALF = 0.5
TIP, SHAFT = "tip", "shaft"
_KINDS = {TIP: "points", SHAFT: "polyline"}


def to_cvat(annotation: Annotation) -> str:
    """The text of an `annotations.xml`."""
    clip, root = annotation.clip, ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    task = ET.SubElement(ET.SubElement(root, "meta"), "task")
    for name, text in (("name", clip.name), ("size", str(clip.frame_count)), ("mode", "interpolation")):
        ET.SubElement(task, name).text = text
    names = list(dict.fromkeys(name for key in annotation.keys for name in key.outlines_px))
    labels = ET.SubElement(task, "labels")
    for name in (TIP, SHAFT, *names):
        label = ET.SubElement(labels, "label")
        ET.SubElement(label, "name").text = name
        attributes = ET.SubElement(label, "attributes")
        if name == TIP:
            _describe_state(ET.SubElement(attributes, "attribute"))
    size = ET.SubElement(task, "original_size")
    ET.SubElement(size, "width").text, ET.SubElement(size, "height").text = str(clip.shape_px[1]), str(clip.shape_px[0])
    for number, name in enumerate((TIP, SHAFT, *names)):
        track = ET.Element("track", id=str(number), label=name, source="manual")
        for key in annotation.keys:
            _add_shape(track, key, name)
        if len(track):
            root.append(track)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def from_cvat(text: str, clip: Clip, annotator: str) -> Annotation:
    """What `to_cvat` gave, or somebody marked in CVAT with the same labels.

    Raises
    ------
    ConfigError
        It is no such file, or holds what cannot be.
    """
    if "<!" in text:
        raise ConfigError("CVAT declares no types in its XML: this file does, and is not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no entity can be declared without a type
    except ET.ParseError as error:
        raise ConfigError(f"this is no XML of CVAT ({error}): export the task as “CVAT for video 1.1”") from error
    if root.tag != "annotations" or root.find("image") is not None:
        raise ConfigError("this is no task of a video: export it as “CVAT for video 1.1”")
    tips: dict[int, tuple[TipSight, Point | None]] = {}
    shafts: dict[int, Points] = {}
    outlines: dict[int, dict[str, Points]] = {}
    for label, shape in _shapes(root):
        frame, points = _frame(shape), _points(shape)
        is_outside = shape.get("outside") == "1"
        if label == TIP:
            tips[frame] = _tip(shape, points, is_outside=is_outside)
        elif label == SHAFT and not is_outside:
            shafts[frame] = points
        elif not is_outside:
            outlines.setdefault(frame, {})[label] = points
    keys = []
    for frame in sorted({*tips, *shafts, *outlines}):
        tip, tip_px = tips.get(frame, (TipSight.UNSURE if frame in shafts else None, None))
        keys.append(KeyFrame(frame, tip, tip_px, shafts.get(frame, ()), outlines.get(frame, {})))
    return Annotation(clip, annotator, tuple(keys))


def _describe_state(attribute: ET.Element) -> None:
    values = "\n".join(one.value for one in TipSight)
    for name, text in (("name", "state"), ("mutable", "True"), ("input_type", "select"),
                       ("default_value", TipSight.VISIBLE.value), ("values", values)):  # fmt: skip
        ET.SubElement(attribute, name).text = text


def _add_shape(track: ET.Element, key: KeyFrame, name: str) -> None:
    points: Points = key.outlines_px.get(name, ())
    if name == TIP:
        points = () if key.tip_px is None else (key.tip_px,)
    elif name == SHAFT:
        points = key.shaft_px
    if not points and not (name == TIP and key.tip is not None):
        return
    is_hidden = name == TIP and key.tip is TipSight.HIDDEN
    shape = ET.SubElement(
        track,
        _KINDS.get(name, "polygon"),
        frame=str(key.frame),
        outside=str(int(not points)),
        occluded=str(int(is_hidden)),
        keyframe="1",
        points=";".join(f"{x + HALF:.3f},{y + HALF:.3f}" for x, y in points or ((0.0, 0.0),)),
        z_order="0",
    )
    if name == TIP and key.tip is not None:
        ET.SubElement(shape, "attribute", name="state").text = key.tip.value


def _shapes(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for track in root.iterfind("track"):
        for shape in track:
            if shape.tag in ("points", "polyline", "polygon") and shape.get("keyframe", "1") == "1":
                yield track.get("label", ""), shape


def _frame(shape: ET.Element) -> int:
    text = shape.get("frame", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ConfigError(f"a shape of CVAT has no frame number: {text[:40]!r}")
    return int(text)


def _points(shape: ET.Element) -> Points:
    try:
        pairs = [pair.split(",") for pair in shape.get("points", "").split(";") if pair]
        return tuple((round(float(x) - HALF, 3), round(float(y) - HALF, 3)) for x, y in pairs)
    except ValueError as error:
        raise ConfigError(f"frame {shape.get('frame')}: no points of CVAT: {shape.get('points')!r}") from error


def _tip(shape: ET.Element, points: Points, *, is_outside: bool) -> tuple[TipSight, Point | None]:
    """Its state by the attribute; without one an occluded tip is hidden, and one outside is none."""
    said = next((one.text for one in shape.iterfind("attribute") if one.get("name") == "state"), None)
    if said is not None and said not in [one.value for one in TipSight]:
        raise ConfigError(f"frame {shape.get('frame')}: a tip is {', '.join(TipSight)}, not {said!r}")
    usual = TipSight.HIDDEN if shape.get("occluded") == "1" else TipSight.VISIBLE
    state = TipSight(said) if said is not None else TipSight.ABSENT if is_outside else usual
    is_placed = not is_outside and state is not TipSight.ABSENT and bool(points)
    if state is TipSight.VISIBLE and not is_placed:
        state = TipSight.ABSENT
    return state, points[0] if is_placed else None
