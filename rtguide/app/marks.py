"""Structures written on the command line: `--target nerve=300,196,80,22` and its kin."""

from collections.abc import Sequence
from enum import StrEnum

from rtguide.errors import ConfigError, GeometryError
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.points import Points
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline

__all__ = ["MARK_OPTIONS", "NeedleWay", "marks_in_order", "parse_hint", "parse_mark"]

MARK_OPTIONS = {
    "--target": (StructureKind.STRUCTURE, Role.BOTH, "NAME=X,Y,W,H"),
    "--avoid": (StructureKind.STRUCTURE, Role.AVOID, "NAME=X,Y,W,H"),
    "--aim": (StructureKind.POINT, Role.TARGET, "NAME=X,Y"),
    "--plane": (StructureKind.PLANE, Role.TARGET, "NAME=X1,Y1,X2,Y2,…"),
    "--avoid-line": (StructureKind.LINE, Role.AVOID, "NAME=X1,Y1,X2,Y2,…"),
}
"""Option → kind, role and how it is written (image pixels, decimals; a box is its top-left corner and its size)."""


class NeedleWay(StrEnum):
    """How the needle meets the plane, as it is written on the command line."""

    IN_PLANE = "in-plane"
    OUT_OF_PLANE = "out-of-plane"

    @property
    def needle_mode(self) -> NeedleMode:
        """The mode of the tracker."""
        return NeedleMode.IN_PLANE if self is NeedleWay.IN_PLANE else NeedleMode.OUT_OF_PLANE


def parse_mark(option: str, text: str) -> Structure:
    """One structure from an option and its value.

    Raises
    ------
    ConfigError
        The value is not written as the option wants it.
    """
    kind, role, form = MARK_OPTIONS[option]
    name, separator, numbers = text.partition("=")
    try:
        values = [float(number) for number in numbers.split(",")]
    except ValueError:
        values = []
    if not separator or not name.strip() or not values:
        raise ConfigError(f"{option} {text}: write {option} {form} in image pixels")
    name = name.strip()
    try:
        return Structure(name, kind, _tissue(name), role, _outline(option, kind, values))
    except GeometryError as error:
        raise ConfigError(f"{option} {text}: {error}; write {option} {form}") from error


def parse_hint(text: str) -> NeedleHint:
    """Where the needle is: `X,Y`, a point on it, or `X1,Y1,X2,Y2`, from its entry to its tip.

    Raises
    ------
    ConfigError
        It is not written so.
    """
    try:
        values = [float(number) for number in text.split(",")]
        return NeedleHint(tuple(zip(values[::2], values[1::2], strict=True)))
    except (ValueError, GeometryError) as error:
        form = "X,Y (a point on the needle) or X1,Y1,X2,Y2 (from its entry to its tip)"
        raise ConfigError(f"--hint {text}: write --hint {form} in image pixels") from error


def marks_in_order(arguments: Sequence[str]) -> tuple[Structure, ...]:
    """The marks among the raw arguments of a command, in the order in which they stand.

    Raises
    ------
    ConfigError
        One is written wrongly, or two have the same name.
    """
    marks: list[Structure] = []
    for index, argument in enumerate(arguments):
        option, separator, value = argument.partition("=")
        if argument in MARK_OPTIONS and index + 1 < len(arguments):
            marks.append(parse_mark(argument, arguments[index + 1]))
        elif separator and option in MARK_OPTIONS:
            marks.append(parse_mark(option, value))
    seen: set[str] = set()
    for mark in marks:
        if mark.name in seen:
            raise ConfigError(f"two structures are called {mark.name!r}: give each its own name")
        seen.add(mark.name)
    return tuple(marks)


def _outline(option: str, kind: StructureKind, values: list[float]) -> Points:
    if kind is StructureKind.STRUCTURE:
        if len(values) != 4:
            raise GeometryError(f"a box has four numbers, not {len(values)}")
        x, y, width, height = values
        return box_outline(x, y, width, height)
    if len(values) % 2:
        raise GeometryError(f"points come in pairs, not as {len(values)} numbers")
    if kind is StructureKind.POINT and len(values) != 2:
        raise GeometryError(f"{option} takes one point")
    return tuple(zip(values[::2], values[1::2], strict=True))


def _tissue(name: str) -> Tissue:
    """What a structure of this name is made of: a name that says it (`nerve`, `femoral artery`), else other."""
    lowered = name.lower()
    return next((tissue for tissue in Tissue if tissue.value in lowered), Tissue.OTHER)
