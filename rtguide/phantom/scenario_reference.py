"""Every key of a scenario, in Markdown: made from the models that check scenarios, so that it cannot tell otherwise."""

import re
from typing import Any

from pydantic import BaseModel

from rtguide.phantom.happenings import (
    ColourBox,
    DepthChange,
    Freeze,
    GainChange,
    HandRange,
    Inject,
    ProbeMove,
    ScreenMark,
    Stream,
)
from rtguide.phantom.scenario import (
    Display,
    Layer,
    Motion,
    NeedlePlan,
    NeedleStep,
    ProbeSettings,
    Scenario,
    ScreenSettings,
    StructureSpec,
    SurfaceSpec,
)

__all__ = ["TABLES", "meanings", "scenario_reference"]

TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("the file itself", Scenario),
    ("[probe]", ProbeSettings),
    ("[display]", Display),
    ("[screen]", ScreenSettings),
    ("[[layers]]", Layer),
    ("[[structures]]", StructureSpec),
    ("[[surfaces]]", SurfaceSpec),
    ("[motion]", Motion),
    ("[needle]", NeedlePlan),
    ("[[needle.steps]]", NeedleStep),
    ("[[probe_moves]]", ProbeMove),
    ("[hand_range]", HandRange),
    ('[[events]] of kind "inject"', Inject),
    ('[[events]] of kind "gain"', GainChange),
    ('[[events]] of kind "depth"', DepthChange),
    ('[[events]] of kind "freeze"', Freeze),
    ('[[events]] of kind "guide-line", "centre-line", "calipers"', ScreenMark),
    ('[[events]] of kind "colour-box"', ColourBox),
    ("[stream]", Stream),
)
"""What a part of a scenario is called in TOML, and the model that checks it."""


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What each key means, from the model's docstring: `key, key: meaning · key: meaning.`"""
    text = " ".join((model.__doc__ or "").split("\n\n", 1)[-1].split())
    found = {}
    for part in text.rstrip(".").split(" · "):
        keys, colon, meaning = part.partition(": ")
        names = keys.split(", ")
        if colon and all(re.fullmatch(r"[a-z_]+", name) for name in names):
            found.update(dict.fromkeys(names, meaning.rstrip(".")))
    return found


def scenario_reference() -> str:
    """Markdown: a section for each part, a row for each of its keys."""
    lines = []
    for heading, model in TABLES:
        told = meanings(model)
        title = f"`{heading}`" if heading.startswith("[") and " " not in heading else heading
        title = re.sub(r"^(\[\[\w+\]\])", r"`\1`", title)
        summary = (model.__doc__ or "").split("\n", 1)[0].strip()
        lines += [f"### {title[0].upper() + title[1:]}", "", summary, ""]
        lines += ["| key | value | left out | meaning |", "|---|---|---|---|"]
        properties = model.model_json_schema()["properties"]
        for key, field in model.model_fields.items():
            if key == "kind" and heading.startswith("[[events]]") and "const" in properties[key]:
                continue
            value = _value(properties[key], model.model_json_schema().get("$defs", {}))
            left_out = "must be there" if field.is_required() else _default(field.default)
            lines.append(f"| `{key}` | {value} | {left_out} | {told.get(key, '')} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _value(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What may stand there."""
    for variant in schema.get("anyOf", ()):
        if variant.get("type") != "null":
            return _value(variant, definitions)
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[1]]
        return _value(target, definitions) if "enum" in target else "a table"
    if "enum" in schema or "prefixItems" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", ())) or "two numbers"
    kind = str(schema.get("type"))
    if kind == "array":
        texts = {"string": "a list of texts", "array": "a list of pairs of numbers"}
        return texts.get(schema["items"].get("type", ""), "a list of tables")
    plain = {"string": "text", "boolean": "`true`, `false`"}
    return plain[kind] if kind in plain else _range(schema, "whole number" if kind == "integer" else "number")


def _range(schema: dict[str, Any], name: str) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{name}, {low:g} to {high:g}"
    if low is not None:
        return f"{name}, {low:g} or more"
    above, top = schema.get("exclusiveMinimum"), high
    if above is not None:
        return f"{name} above {above:g}" + ("" if top is None else f", {top:g} at most")
    return name


def _default(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "all defaults"
    if isinstance(value, tuple):
        return "none" if not value else f"`[{', '.join(f'{v:g}' for v in value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{getattr(value, 'value', value)}`"
