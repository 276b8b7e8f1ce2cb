"""What somebody adds to a recording later: bookmarks, notes, drawings. The recording itself is never touched."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rtguide.clock import Clock
from rtguide.errors import RecordingError
from rtguide.model.points import Points
from rtguide.recording.session_files import guarded, json_line
from rtguide.recording.session_lines import read_json, read_lines
from rtguide.recording.values_json import from_json, to_json

__all__ = ["ANNOTATIONS_NAME", "Annotation", "AnnotationKind", "Annotations"]

ANNOTATIONS_NAME = "annotations.jsonl"


class AnnotationKind(StrEnum):
    """What it is. A removal takes the annotation of the same number away; the file only grows."""

    BOOKMARK = "bookmark"
    NOTE = "note"
    DRAWING = "drawing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line of `annotations.jsonl`.

    number: its own, from 1 · seq: the recorded frame it belongs to · t_wall_ns: when it was made · text: of a note ·
    strokes_px: of a drawing, lines through points (x, y) of the full frame.
    """

    number: int
    kind: AnnotationKind
    seq: int
    t_wall_ns: int
    text: str = ""
    strokes_px: tuple[Points, ...] = ()


class Annotations:
    """Those of one session folder. For one thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Read what is there; a damaged line is passed over.

        Raises
        ------
        RecordingError
            The file cannot be read.
        """
        self._path = folder / ANNOTATIONS_NAME
        self._clock = clock
        self._there: dict[int, Annotation] = {}
        self._last = 0
        for one in self._read():
            self._take(one)

    @property
    def there(self) -> tuple[Annotation, ...]:
        """All that were not removed, in the order in which they were made."""
        return tuple(self._there.values())

    def add(self, kind: AnnotationKind, seq: int, text: str = "", strokes_px: tuple[Points, ...] = ()) -> Annotation:
        """Keep one.

        Raises
        ------
        RecordingError
            The folder cannot be written.
        """
        one = Annotation(self._last + 1, kind, seq, self._clock.wall_ns(), text, strokes_px)
        self._keep(one)
        return one

    def remove(self, number: int) -> None:
        """Take one away; a number that is not there changes nothing.

        Raises
        ------
        RecordingError
            The folder cannot be written.
        """
        old = self._there.get(number)
        if old is not None:
            self._keep(Annotation(number, AnnotationKind.REMOVED, old.seq, self._clock.wall_ns()))

    def _keep(self, one: Annotation) -> None:
        guarded(self._path, self._append, json_line(to_json(one)))
        self._take(one)

    def _append(self, line: bytes) -> None:
        with self._path.open("a+b") as file:
            if file.tell():  # a crash may have left half a line; the next one must not be joined to it
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _take(self, one: Annotation) -> None:
        self._last = max(self._last, one.number)
        if one.kind is AnnotationKind.REMOVED:
            self._there.pop(one.number, None)
        else:
            self._there[one.number] = one

    def _read(self) -> Iterator[Annotation]:
        for text in read_lines(self._path) if self._path.exists() else ():
            try:
                yield from_json(Annotation, read_json(text))
            except RecordingError:
                continue
