"""The JSON Schema of a session folder, made from the classes that are written, so that it cannot fall behind them.

References
----------
JSON Schema, draft 2020-12.
"""

import dataclasses
import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from rtguide.recording.annotations import Annotation
from rtguide.recording.checksums import PieceSum
from rtguide.recording.layout import FORMAT_NAME, SCHEMA_VERSION, FrameLine, SessionHead
from rtguide.recording.scene_json import SceneLine

__all__ = ["session_schema"]

_FLOAT: dict[str, Any] = {"anyOf": [{"type": "number"}, {"enum": ["nan", "inf", "-inf"]}]}
_PLAIN: dict[Any, dict[str, Any]] = {
    float: _FLOAT,
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def session_schema() -> dict[str, Any]:
    """Definitions: `session` for `session.json`, `frame`, `scene`, `event`, `checksum` and `annotation` for one line of
    the others.

    Unknown keys are allowed, as readers pass over them.
    """
    definitions: dict[str, Any] = {}
    head = _object(SessionHead, definitions)
    head["properties"] |= {"format": {"const": FORMAT_NAME}, "schema_version": {"const": SCHEMA_VERSION}}
    head["required"] = ["format", "schema_version", *head["required"]]
    skipped = {
        "type": "object",
        "properties": {"seq": {"type": "integer"}, "skipped": {"const": True}, "lost": {"type": "boolean"}},
        "required": ["seq", "skipped"],
    }
    event = {
        "type": "object",
        "properties": {"t_ns": {"type": "integer"}, "kind": {"type": "string"}, "seq": {"type": "integer"}},
        "required": ["t_ns", "kind"],
    }
    scene = {"anyOf": [skipped, _object(SceneLine, definitions)]}
    frame, checksum = _object(FrameLine, definitions), _object(PieceSum, definitions)
    annotation = _object(Annotation, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT_NAME}, format {SCHEMA_VERSION}",
        "$ref": "#/$defs/session",
        "$defs": {
            "session": head,
            "frame": frame,
            "scene": scene,
            "event": event,
            "checksum": checksum,
            "annotation": annotation,
            **definitions,
        },
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _of_union(get_args(kind), definitions)
    if origin is tuple:
        return _of_tuple(get_args(kind), definitions)
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1], definitions)}
    if dataclasses.is_dataclass(kind):
        name = kind.__name__ if isinstance(kind, type) else str(kind)
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [one.value for one in kind]}
    return _PLAIN[kind]


def _of_union(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    """One of several classes says in `type` which one it is."""
    is_named = sum(dataclasses.is_dataclass(kind) for kind in kinds) > 1
    options = []
    for kind in kinds:
        option = _of(kind, definitions)
        if is_named and dataclasses.is_dataclass(kind):
            name = kind.__name__ if isinstance(kind, type) else str(kind)
            option = {**option, "properties": {"type": {"const": name}}, "required": ["type"]}
        options.append(option)
    return {"anyOf": options}


def _of_tuple(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return {"type": "array", "items": _of(kinds[0], definitions)}
    items = [_of(kind, definitions) for kind in kinds]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Keys with a default may be missing: those that came later have one."""
    hints = get_type_hints(kind)
    missing = dataclasses.MISSING
    needed = {f.name for f in dataclasses.fields(kind) if f.default is missing and f.default_factory is missing}
    return {
        "type": "object",
        "properties": {name: _of(hint, definitions) for name, hint in hints.items()},
        "required": [name for name in hints if name in needed],
    }
