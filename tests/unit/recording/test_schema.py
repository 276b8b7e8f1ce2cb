"""The published JSON Schema is that of what is written."""

import json
from pathlib import Path

import jsonschema
import pytest

from rtguide.recording.schema import session_schema

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "session.schema.json"
AGAIN = (
    'python -c "import json; from rtguide.recording.schema import session_schema as s; '
    'print(json.dumps(s(), indent=1, ensure_ascii=False))" > docs/session.schema.json'
)


def validator(name):
    schema = session_schema()
    return jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


@pytest.fixture
def folder(tmp_path, parts):
    return parts.record(tmp_path, [parts.frame(seq) for seq in range(6)], skipped=(2,))


def test_the_published_schema_is_up_to_date():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == session_schema(), f"run: {AGAIN}"
    jsonschema.Draft202012Validator.check_schema(session_schema())


def test_every_file_of_a_session_follows_it(folder):
    validator("session").validate(json.loads((folder / "session.json").read_bytes()))
    for name, definition in (("frames.jsonl", "frame"), ("scenes.jsonl", "scene"), ("events.jsonl", "event")):
        lines = (folder / name).read_bytes().splitlines()
        assert lines
        for line in lines:
            validator(definition).validate(json.loads(line))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema_version",), 2),
        (("format",), "other"),
        (("source", "kind"), "dead"),
        (("full_shape_px",), [1, 2, 3]),
        (("geometries", 0, "region", "type"), "Circle"),
        (("parts", 0, "region_px", "width"), "wide"),
        (("ledger", "written"), None),
        (("plans", 0, "structures", 0, "role"), "friend"),
    ],
)
def test_what_is_not_a_session_does_not(folder, place, value):
    record = json.loads((folder / "session.json").read_bytes())
    at = record
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        validator("session").validate(record)


@pytest.mark.parametrize("key", ["seq", "t_capture_ns", "t_device_ns", "pts", "part", "pos", "length"])
def test_a_frame_line_needs_its_keys(folder, key):
    record = json.loads((folder / "frames.jsonl").read_bytes().splitlines()[0])
    del record[key]
    with pytest.raises(jsonschema.ValidationError):
        validator("frame").validate(record)
