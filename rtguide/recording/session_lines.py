"""Reads the files of a session folder, and keeps what is whole when the rest is not."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtguide.errors import RecordingError
from rtguide.recording.layout import FORMAT_NAME, SCHEMA_VERSION, SESSION_NAME, FrameLine, SessionHead
from rtguide.recording.values_json import from_json

__all__ = ["read_frame_lines", "read_head", "read_json", "read_line_places", "read_lines"]

_SEQ_FIRST = re.compile(rb'\s*\{\s*"seq"\s*:\s*(\d{1,18})\b')
_INT64 = 1 << 63


def read_head(folder: Path) -> SessionHead:
    """What `session.json` says.

    Raises
    ------
    RecordingError
        The folder is no session, or one that this version cannot read.
    """
    path = folder / SESSION_NAME
    if not folder.is_dir():
        raise RecordingError(f"{folder}: there is no such folder; check the path")
    try:
        record = read_json(path.read_bytes())
    except FileNotFoundError:
        raise RecordingError(f"{folder}: no session, it holds no {SESSION_NAME}; give the folder that does") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except RecordingError as error:
        raise RecordingError(f"{path}: damaged ({error}); take a copy of the session from elsewhere") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT_NAME:
        raise RecordingError(f"{path}: this was not written by rtguide; give a session folder")
    version = record.get("schema_version")
    if not isinstance(version, int) or not 1 <= version <= SCHEMA_VERSION:
        raise RecordingError(
            f"{path}: session format {version} is not known here (up to {SCHEMA_VERSION} is): use a newer rtguide"
        )
    try:
        return _checked(from_json(SessionHead, record))
    except RecordingError as error:
        raise RecordingError(f"{path}: damaged ({error}); take a copy of the session from elsewhere") from error


def read_frame_lines(path: Path) -> tuple[list[FrameLine], list[str]]:
    """The lines of `frames.jsonl` that are whole and in order, and a warning for what is not.

    Raises
    ------
    RecordingError
        The file cannot be read at all.
    """
    lines: list[FrameLine] = []
    bad = 0
    for text in read_lines(path):
        try:
            line = _frame_line(read_json(text))
        except RecordingError:
            bad += 1
            continue
        if lines and line.seq <= lines[-1].seq:
            bad += 1
            continue
        lines.append(line)
    warnings = [f"{path.name}: {bad} lines are damaged; their frames are left out"] if bad else []
    return lines, warnings


def read_line_places(path: Path) -> tuple[dict[int, tuple[int, int]], int]:
    """Where the line of each frame lies: (place, length) in bytes by `seq`; and how many lines tell no frame.

    Raises
    ------
    RecordingError
        The file cannot be read at all.
    """
    places: dict[int, tuple[int, int]] = {}
    at = bad = 0
    for text in read_lines(path):
        match = _SEQ_FIRST.match(text)
        if match is None or not text.endswith(b"\n"):
            bad += 1
        else:
            places[int(match.group(1))] = (at, len(text))
        at += len(text)
    return places, bad


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, each with its end; the last may lack it.

    Raises
    ------
    RecordingError
        The file is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        raise RecordingError(f"{path}: missing from the session; take it from a copy") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def read_json(text: bytes) -> Any:
    """One JSON value; `RecordingError` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"not valid JSON: {str(error)[:80]}") from error


def _checked(head: SessionHead) -> SessionHead:
    """The head, once its parts agree with each other."""
    if not head.geometries or not head.plans:
        raise RecordingError("it names no geometry or no plan")
    height, width = head.full_shape_px
    if head.source.shape_px != head.full_shape_px or any(g.shape_px != head.full_shape_px for g in head.geometries):
        raise RecordingError("its sizes contradict each other")
    for number, part in enumerate(head.parts, start=1):
        box = part.region_px
        if part.number != number or box.x + box.width > width + 1 or box.y + box.height > height + 1:
            raise RecordingError(f"part {part.number} does not fit")
    return head


def _frame_line(record: Any) -> FrameLine:
    """One line of `frames.jsonl`; spelled out because an hour has two hundred thousand."""
    if not isinstance(record, dict):
        raise RecordingError("a frame's line is no object")
    device = record.get("t_device_ns")
    flags = record.get("flags", [])
    numbers: list[Any] = [record.get(name) for name in ("seq", "t_capture_ns", "pts", "part", "pos", "length")]
    wall = record.get("t_wall_ns")
    numbers += [time_ns for time_ns in (device, wall) if time_ns is not None]
    if not all(type(number) is int and -_INT64 <= number < _INT64 for number in numbers) or not isinstance(flags, list):
        raise RecordingError("a frame's line lacks a number")
    seq, t_capture_ns, pts, part, pos, length = numbers[:6]
    if min(seq, pts, part, pos, length) < 0:
        raise RecordingError("a frame's line holds a negative number")
    return FrameLine(seq, t_capture_ns, device, pts, part, pos, length, tuple(str(flag) for flag in flags), wall)
