"""Frozen dataclasses to plain JSON and back, with nothing lost.

A value is written as an object of its fields, an enumeration as its text, a tuple as a list, a float with all its
digits. One of several classes (`RectRegion | FanRegion`) carries the key `type`. Reading forgives what versions do to
each other: an unknown key is passed over, a missing one takes the field's default.
"""

import dataclasses
import math
import types
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from rtguide.errors import RecordingError, RtguideError

__all__ = ["from_json", "to_json"]

T = TypeVar("T")

_TYPE_KEY = "type"
_PLAIN = frozenset((float, int, str, bool, type(None)))


def to_json(value: object) -> Any:
    """The value as dicts, lists, texts and numbers. A float JSON has no word for becomes the text nan, inf or -inf."""
    kind: Any = type(value)
    if kind is tuple or kind is list:
        return [to_json(item) for item in value]  # type: ignore[attr-defined]
    if kind is dict:
        return {str(key): to_json(item) for key, item in value.items()}  # type: ignore[attr-defined]
    if kind not in _PLAIN and dataclasses.is_dataclass(kind):
        return _object(value, kind)
    return _plain(value)


def _plain(value: Any) -> Any:
    """One text, number, yes or no; also where NumPy made it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, float):
        return float(number) if math.isfinite(number) else str(float(number))
    if isinstance(number, int):
        return number
    raise RecordingError(f"a {type(value).__name__} cannot be written to a session")


def from_json(kind: type[T], data: object) -> T:
    """The value of this class that `to_json` gave `data` for.

    Raises
    ------
    RecordingError
        `data` is no such value; the message names what is wrong.
    """
    try:
        value: T = _read(kind, data)
    except RecordingError:
        raise
    except (RtguideError, ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise RecordingError(f"no valid {kind.__name__}: {error}") from error
    return value


def _object(value: Any, kind: Any) -> dict[str, Any]:
    fields = {}
    for name, is_one_of_several in _form(kind):
        item = getattr(value, name)
        fields[name] = to_json(item)
        if is_one_of_several and item is not None:
            fields[name] = {_TYPE_KEY: type(item).__name__, **fields[name]}
    return fields


def _read(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), data)
    if origin is tuple:
        return _read_tuple(get_args(kind), data)
    if origin is dict:
        _wanted(data, dict, kind)
        return {str(key): _read(get_args(kind)[1], item) for key, item in data.items()}
    if dataclasses.is_dataclass(kind):
        return _read_object(kind, data)
    return _read_plain(kind, data)


def _read_plain(kind: Any, data: Any) -> Any:
    if kind is float and not isinstance(data, bool):
        return float(data)
    if kind is int and isinstance(data, bool):
        raise RecordingError(f"a number was wanted, not {data}")
    if kind in (bool, int, str):
        _wanted(data, kind, kind)
        return data
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(data)
    raise RecordingError(f"a {kind} cannot be read from a session")


def _read_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in kinds:
        return None
    rest = [kind for kind in kinds if kind is not type(None)]
    if len(rest) == 1:
        return _read(rest[0], data)
    _wanted(data, dict, dict)
    for kind in rest:
        if kind.__name__ == data.get(_TYPE_KEY):
            return _read(kind, data)
    raise RecordingError(f"{data.get(_TYPE_KEY)!r} is none of {', '.join(kind.__name__ for kind in rest)}")


def _read_tuple(kinds: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    _wanted(data, list, tuple)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], item) for item in data)
    return tuple(_read(kind, item) for kind, item in zip(kinds, data, strict=True))


def _read_object(kind: Any, data: Any) -> Any:
    _wanted(data, dict, kind)
    hints = _hints(kind)
    return kind(**{name: _read(hint, data[name]) for name, hint in hints.items() if name in data})


def _wanted(data: object, kind: type, name: Any) -> None:
    if not isinstance(data, kind):
        raise RecordingError(f"{getattr(name, '__name__', name)} was wanted, not {str(data)[:40]!r}")


@cache
def _form(kind: Any) -> tuple[tuple[str, bool], ...]:
    """A dataclass's fields, and whether each may hold values of several classes."""
    return tuple((name, sum(map(dataclasses.is_dataclass, get_args(hint))) > 1) for name, hint in _hints(kind).items())


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
