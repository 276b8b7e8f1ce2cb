"""The scenarios that come with rtguide, and reading them from TOML with errors that say what to mend."""

import difflib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from rtguide.errors import ConfigError
from rtguide.phantom.course import Course
from rtguide.phantom.happenings import MisplacedError
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import misfit

__all__ = ["load_scenario", "parse_scenario", "scenario_names"]

_FOLDER = resources.files("rtguide.phantom") / "scenarios"
_HARD = "-hard"
_ENDING = ".toml"


def scenario_names() -> tuple[str, ...]:
    """The names that `load_scenario` takes, sorted; each `NAME` has a `NAME-hard` beside it."""
    stems = [Path(entry.name).stem for entry in _FOLDER.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted(stems + [stem + _HARD for stem in stems]))


def load_scenario(name: str) -> Scenario:
    """A scenario by its name, or from a TOML file of one's own: `my.toml`, its hard variant `my.toml-hard`.

    Raises
    ------
    ConfigError
        There is none of that name, the message says which there are; or the file cannot be read, or is refused.
    """
    if name.removesuffix(_HARD).endswith(_ENDING):
        return _load_file(Path(name.removesuffix(_HARD)), is_hard=name.endswith(_HARD))
    names = scenario_names()
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise ConfigError(f"there is no scenario {name!r}{hint}; there are: {', '.join(names)}")
    stem = name.removesuffix(_HARD)
    text = (_FOLDER / f"{stem}.toml").read_text(encoding="utf-8")
    return parse_scenario(text, f"{stem}.toml", is_hard=name.endswith(_HARD))


def _load_file(path: Path, *, is_hard: bool) -> Scenario:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the scenario {path} cannot be read ({error}): give the path of a TOML file, or a name"
        ) from error
    return parse_scenario(text, path.name, is_hard=is_hard)


def parse_scenario(text: str, origin: str, *, is_hard: bool = False) -> Scenario:
    """A scenario from TOML text. `origin` is what error messages call it.

    A table `[hard]` holds what the hard variant has instead: tables are merged key by key, everything else is replaced.

    Raises
    ------
    ConfigError
        It is not TOML, has an unknown or missing key, describes something impossible, or its picture does not
        fit on its screen: with the line, and the mend.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin} is not valid TOML: {error}") from error
    hard = data.pop("hard", {})
    if is_hard:
        data = _merged(data, hard)
        data["name"] = f"{data.get('name', '')}{_HARD}"
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(error, text, origin, is_hard=is_hard)) from error
    _refuse_misfits(scenario, text, origin, is_hard=is_hard)
    return scenario


def _refuse_misfits(scenario: Scenario, text: str, origin: str, *, is_hard: bool) -> None:
    """Every picture must fit on the screen: at the start and after each change of depth."""
    course = Course(scenario, 1.0, None, np.zeros(1, dtype=np.bool_))
    for setting, change in enumerate((None, *course.depth_changes)):
        problem = misfit(course.scenario_of(setting))
        if problem is None:
            continue
        place: tuple[int | str, ...] = ("screen", "px_per_mm")
        if change is not None:
            place = ("events", scenario.events.index(change), "depth_mm")
            problem = f"at depth_mm = {change.depth_mm:g} {problem}, or this depth_mm larger"
        raise ConfigError(f"{origin}{_at_line(place, text, is_hard=is_hard)}: {'.'.join(map(str, place))}: {problem}")


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """The base with the values of `over` in place of its own."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _explain(error: ValidationError, text: str, origin: str, *, is_hard: bool) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        close = difflib.get_close_matches(place[-1], known, n=1)
        message = f"unknown key {place[-1]!r}" + (f", did you mean {close[0]!r}?" if close else ".")
        message += f" Known here: {', '.join(known)}"
    elif first["type"] == "missing":
        message = f"the key {place[-1]!r} is missing: add it"
    else:
        message = f"{'.'.join(place)}: {message}" if place else message
    cause = first.get("ctx", {}).get("error")
    loc = first["loc"] + (cause.place if isinstance(cause, MisplacedError) else ())
    return f"{origin}{_at_line(loc, text, is_hard=is_hard)}: {message}"


def _at_line(place: tuple[int | str, ...], text: str, *, is_hard: bool) -> str:
    line = (_line_of(("hard", *place), text) if is_hard else None) or _line_of(place, text)
    return f", line {line}" if line else ""


def _known_keys(place: list[str]) -> list[str]:
    """The keys of the model at a place like ["needle", "steps", "0"]."""
    model: type[BaseModel] = Scenario
    for part in place:
        if part.isdigit():
            continue
        field = model.model_fields.get(part)
        inner = [] if field is None else _models_in(field.annotation)
        if not inner:
            return []
        model = inner[0]
    return sorted(model.model_fields)


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _line_of(place: tuple[int | str, ...], text: str) -> int | None:
    """The line a place in the data comes from: its table's heading, or the key's own line after that."""
    table = "hard" if place[:1] == ("hard",) else ""
    place = place[1:] if table else place
    start = 0
    lines = text.splitlines()
    found: int | None = None
    for position, part in enumerate(place):
        if isinstance(part, int):
            continue
        full = f"{table}.{part}" if table else part
        count = place[position + 1] if position + 1 < len(place) and isinstance(place[position + 1], int) else 0
        heads = [n for n in range(start, len(lines)) if lines[n].strip() in (f"[{full}]", f"[[{full}]]")]
        keys = [n for n in range(start, len(lines)) if lines[n].split("=")[0].strip() == part and "=" in lines[n]]
        if len(heads) > int(count):
            found = start = heads[int(count)]
            table = full
        elif keys:
            return keys[0] + 1
    return None if found is None else found + 1
