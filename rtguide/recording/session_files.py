"""The files of a session folder as they are written: whole lines, whole heads, and errors that say what to do."""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

from rtguide.errors import RecordingError
from rtguide.recording.checksums import FileSummer, PieceSum, piece_on_disk
from rtguide.recording.folder_lock import hold
from rtguide.recording.layout import (
    CHECKSUMS_NAME,
    EVENTS_NAME,
    FORMAT_NAME,
    FRAMES_NAME,
    SCENES_NAME,
    SCHEMA_VERSION,
    SESSION_NAME,
    SessionHead,
)
from rtguide.recording.values_json import to_json

__all__ = ["SessionFiles", "guarded", "json_line", "new_folder", "replace_file", "write_head"]

T = TypeVar("T")

MOST_OF_ONE_NAME = 1000
"""Recordings of one source begun within one second: past this something runs wild."""


class SessionFiles:
    """`session.json` and the three files of lines. Nothing is buffered: the system has what was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, FileIO] = {}
        self._sums: dict[str, FileSummer] = {}
        for name in (FRAMES_NAME, SCENES_NAME, EVENTS_NAME, CHECKSUMS_NAME):
            self._begin(name)
        hold(self._files[EVENTS_NAME].fileno())

    def append(self, name: str, record: Any) -> None:
        """Add one line of JSON to the file of this name, which is made when its first line comes."""
        if name not in self._files:
            self._begin(name)
        line = json_line(record)
        guarded(self.folder, _append, self._files[name], line)
        self._sums[name].add(line)

    def write_head(self, head: SessionHead) -> None:
        """Put the new `session.json` in the place of the old one: a reader finds one or the other, never half."""
        write_head(self.folder, head)

    def note_sums(self, more: Iterable[PieceSum] = ()) -> None:
        """Write down the checksums of what filled up here, and `more`."""
        own = [one for name, sums in self._sums.items() if name != CHECKSUMS_NAME for one in sums.complete()]
        for one in (*own, *more):
            self.append(CHECKSUMS_NAME, to_json(one))

    def note_last_sums(self, more: Iterable[PieceSum] = ()) -> None:
        """Write down `more`, those of every file's end, and of the head last: nothing else will be written."""
        self.note_sums(more)
        for name, sums in tuple(self._sums.items()):
            if name != CHECKSUMS_NAME:
                self.note_sums(sums.rest())
        self.note_sums([guarded(self.folder, piece_on_disk, self.folder / SESSION_NAME, 0)])
        guarded(self.folder, os.fsync, self._files[CHECKSUMS_NAME].fileno())

    def _begin(self, name: str) -> None:
        self._files[name] = guarded(self.folder, FileIO, self.folder / name, "xb")
        self._sums[name] = FileSummer(name)

    def sync(self) -> None:
        """Bring the disk itself up to date."""
        for file in self._files.values():
            guarded(self.folder, os.fsync, file.fileno())

    def close(self) -> None:
        """Close the files; may be called twice."""
        for file in self._files.values():
            file.close()


def write_head(folder: Path, head: SessionHead) -> None:
    """Put the new `session.json` in the place of the old one: a reader finds one or the other, never half."""
    record = {"format": FORMAT_NAME, "schema_version": SCHEMA_VERSION, **to_json(head)}
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    guarded(folder, replace_file, folder / SESSION_NAME, text.encode())


def json_line(record: Any) -> bytes:
    """One line of JSON with its end."""
    return (json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n").encode()


def new_folder(parent: Path, name: str) -> Path:
    """A folder of this name inside `parent`, with a number behind it where the name is taken."""
    guarded(parent, lambda: parent.mkdir(parents=True, exist_ok=True))
    for number in range(1, MOST_OF_ONE_NAME):
        folder = parent / (name if number == 1 else f"{name}_{number}")
        try:
            guarded(parent, folder.mkdir)
        except RecordingError as error:
            if not isinstance(error.__cause__, FileExistsError):
                raise
        else:
            return folder
    raise RecordingError(f"{parent} already holds {MOST_OF_ONE_NAME - 1} recordings named {name}: clear it up")


def guarded(place: Path, action: Callable[..., T], *arguments: Any) -> T:
    """Do it; what the operating system refuses leaves as one line that says what to do."""
    try:
        return action(*arguments)
    except OSError as error:
        raise RecordingError(f"{place}: cannot be written ({error.strerror or error}); {_advice(error)}") from error


def _advice(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "the disk is full: free space, or record to another disk; what was recorded so far is kept"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "choose a folder you may write to"
        case errno.ENOENT | errno.ENODEV | errno.EIO | errno.ESTALE:
            return "the folder or its disk is gone: plug it in again, or record to another"
        case errno.EEXIST | errno.ENOTDIR:
            return "a file is in the way: give the name of a folder"
    return "record to another folder"


def _append(file: FileIO, data: bytes) -> None:
    """Add all of it, or nothing as far as the disk allows."""
    start = file.tell()
    view = memoryview(data)
    try:
        while view:
            view = view[file.write(view) or 0 :]
    except OSError:
        file.truncate(start)
        file.seek(start)
        raise


def replace_file(path: Path, data: bytes) -> None:
    """Put new content in the place of the old in one step that a power cut cannot halve."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the folder's list of files up to date on the disk; Windows does so by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
