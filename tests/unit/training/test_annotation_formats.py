"""COCO and CVAT: what is written is read back the same; what other programs write is understood."""

import json

import pytest

from rtguide.errors import ConfigError
from rtguide.training.annotation import Annotation, Clip, KeyFrame, TipSight
from rtguide.training.annotation_coco import from_coco, to_coco
from rtguide.training.annotation_cvat import from_cvat, to_cvat

CLIP = Clip("clip.mkv", (200, 300), 60, 25.0)
BOX = ((10.25, 10.0), (30.0, 10.5), (30.0, 30.0), (10.0, 30.125))
MARKED = Annotation(
    CLIP,
    "ann",
    (
        KeyFrame(0, TipSight.VISIBLE, (50.5, 60.25), ((0.0, 10.0), (25.0, 36.0), (50.5, 60.25)), {"nerve": BOX}),
        KeyFrame(10, TipSight.HIDDEN, (75.0, 85.0)),
        KeyFrame(15, TipSight.HIDDEN),
        KeyFrame(20, TipSight.UNSURE, None, ((0.0, 10.0), (40.0, 50.0)), {"nerve": BOX, "artery": BOX[:3]}),
        KeyFrame(30, TipSight.ABSENT),
        KeyFrame(40, None, None, (), {"artery": BOX}),
    ),
)


def test_coco_gives_back_what_it_was_given():
    value = json.loads(json.dumps(to_coco(MARKED)))
    assert from_coco(value, CLIP, "ann") == MARKED
    needle = next(mark for mark in value["annotations"] if mark["category_id"] == 1)
    assert needle["keypoints"] == [51.0, 60.75, 2, 0.5, 10.5, 2]
    assert needle["num_keypoints"] == 2
    nerve = next(mark for mark in value["annotations"] if mark["category_id"] == 2)
    assert nerve["bbox"] == [10.5, 10.5, 20.0, 20.125]
    assert {image["id"] for image in value["images"]} >= {mark["image_id"] for mark in value["annotations"]}
    assert len({mark["id"] for mark in value["annotations"]}) == len(value["annotations"])


def test_cvat_gives_back_what_it_was_given():
    text = to_cvat(MARKED)
    assert from_cvat(text, CLIP, "ann") == MARKED
    assert 'points="51.000,60.750"' in text
    assert text.count("<track ") == 4


def test_what_cvat_itself_writes_is_read():
    text = """<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta/>
    <track id="0" label="tip" source="manual">
      <points frame="0" outside="0" occluded="0" keyframe="1" points="10.50,20.50" z_order="0"></points>
      <points frame="1" outside="0" occluded="0" keyframe="0" points="11.50,20.50" z_order="0"></points>
      <points frame="2" outside="0" occluded="1" keyframe="1" points="12.50,20.50" z_order="0"></points>
      <points frame="3" outside="1" occluded="0" keyframe="1" points="12.50,20.50" z_order="0"></points>
    </track></annotations>"""
    keys = from_cvat(text, CLIP, "x").keys
    assert [(key.frame, key.tip, key.tip_px) for key in keys] == [
        (0, TipSight.VISIBLE, (10.0, 20.0)), (2, TipSight.HIDDEN, (12.0, 20.0)), (3, TipSight.ABSENT, None),
    ]  # fmt: skip


def test_what_is_neither_is_refused():
    for text, reason in (("no", "no XML"), ("<annotations><image/></annotations>", "video"), ("<a/>", "video")):
        with pytest.raises(ConfigError, match=reason):
            from_cvat(text, CLIP, "x")
    shape = '<annotations><track label="{}"><{} frame="{}" points="{}"/></track></annotations>'
    for label, tag, frame, points, reason in (
        ("tip", "points", "one", "1,2", "no frame number"),
        ("tip", "points", "-1", "1,2", "no frame number"),
        ("tip", "points", "9" * 5000, "1,2", "no frame number"),
        ("tip", "points", "1", "nan,2", "no number"),
        ("nerve", "polygon", "1", "1,2;3,inf;5,6", "no number"),
        ("nerve", "polygon", "1", "1,2;3,4", "three points"),
        ("nerve", "polygon", "1", "1,2,3", "no points of CVAT"),
    ):
        with pytest.raises(ConfigError, match=reason):
            from_cvat(shape.format(label, tag, frame, points), CLIP, "x")
    bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotations>&c;</annotations>'
    with pytest.raises(ConfigError, match="declares no types"):
        from_cvat(bomb, CLIP, "x")
    with pytest.raises(ConfigError, match="COCO"):
        from_coco({"images": [{}]}, CLIP, "x")
    with pytest.raises(ConfigError, match="no COCO"):
        from_coco({"images": [3], "annotations": [], "categories": []}, CLIP, "x")
    far = to_coco(Annotation(Clip("c", (9, 9), 100, 1.0), "a", (KeyFrame(99, TipSight.ABSENT),)))
    with pytest.raises(ConfigError, match="60 frames"):
        from_coco(far, CLIP, "x")
