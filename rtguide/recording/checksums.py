"""SHA-256 of a session's files in pieces of 16 MB: noted as they fill up while recording, compared later.

Pieces rather than whole files: they can be told while a file still grows, a crash leaves those of everything but its
end, and one that does not hold says where the damage lies.

References
----------
FIPS 180-4 (SHA-256).
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.recording.layout import CHECKSUMS_NAME, SESSION_NAME, SIDE_HEAD_NAME
from rtguide.recording.session_lines import read_json, read_lines
from rtguide.recording.values_json import from_json

__all__ = [
    "PIECE_BYTES",
    "FileSummer",
    "PieceSum",
    "are_complete",
    "differences",
    "piece_on_disk",
    "read_sums",
    "renewed_sums",
]

PIECE_BYTES = 1 << 24

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class PieceSum:
    """One line of `checksums.jsonl`. piece: from 0 · bytes: its length; all but a file's last have `PIECE_BYTES`."""

    file: str
    piece: int
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if not _PLAIN_NAME.fullmatch(self.file):
            raise RecordingError(f"{self.file!r} is no file of a session")
        if self.piece < 0 or not 0 <= self.bytes <= PIECE_BYTES:
            raise RecordingError(f"a piece of {self.bytes} bytes, number {self.piece}, cannot be")


class FileSummer:
    """Sums one file while it is appended to; hands out what is complete."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._done: list[PieceSum] = []
        self._piece = self._filled = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """So much was appended."""
        view = memoryview(data)
        while view:
            now = view[: PIECE_BYTES - self._filled]
            self._hash.update(now)
            self._filled += len(now)
            view = view[len(now) :]
            if self._filled == PIECE_BYTES:
                self._done.append(self._current())
                self._piece, self._filled, self._hash = self._piece + 1, 0, hashlib.sha256()

    def complete(self) -> tuple[PieceSum, ...]:
        """The pieces that filled up since this was asked last."""
        done, self._done = tuple(self._done), []
        return done

    def rest(self) -> tuple[PieceSum, ...]:
        """Those, and the one that is not full: the file has ended."""
        return (*self.complete(), self._current()) if self._filled or not self._piece else self.complete()

    def _current(self) -> PieceSum:
        return PieceSum(self._file, self._piece, self._filled, self._hash.hexdigest())


def piece_on_disk(path: Path, piece: int) -> PieceSum:
    """The sum of a piece as it lies on the disk; of no byte where the file ends before it.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        file.seek(piece * PIECE_BYTES)
        data = file.read(PIECE_BYTES)
    return PieceSum(path.name, piece, len(data), hashlib.sha256(data).hexdigest())


def read_sums(folder: Path) -> dict[tuple[str, int], PieceSum]:
    """What was noted, by file and piece; a later line takes the place of an earlier one. Nothing where no file is."""
    return {(one.file, one.piece): one for one in _noted(folder) if one is not None}


def _noted(folder: Path) -> Iterator[PieceSum | None]:
    """Line by line, None for a damaged one."""
    path = folder / CHECKSUMS_NAME
    for text in read_lines(path) if path.exists() else ():
        try:
            yield from_json(PieceSum, read_json(text))
        except RecordingError:
            yield None


def are_complete(sums: dict[tuple[str, int], PieceSum]) -> bool:
    """Whether the ends of all files were noted too: the head's sum, of a session or a side channel, says so."""
    return (SESSION_NAME, 0) in sums or (SIDE_HEAD_NAME, 0) in sums


def differences(folder: Path) -> Iterator[str]:
    """What is not as it was written, a text each: which file, from which byte to which.

    Raises
    ------
    RecordingError
        The folder cannot be read.
    """
    by_file: dict[str, list[PieceSum]] = {}
    sums = read_sums(folder)
    for one in sums.values():
        by_file.setdefault(one.file, []).append(one)
    for file, pieces in sorted(by_file.items()):
        path = folder / file
        try:
            yield from _differences_of(path, sorted(pieces, key=lambda one: one.piece), are_complete(sums))
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    damaged = sum(one is None for one in _noted(folder))
    if damaged and are_complete(sums):  # a crash alone leaves half a line
        yield f"{CHECKSUMS_NAME} has {damaged} damaged lines: what they told of is not compared"


def _differences_of(path: Path, pieces: list[PieceSum], is_complete: bool) -> Iterator[str]:
    if not path.is_file():
        yield f"{path.name} is missing"
        return
    size, wanted = path.stat().st_size, pieces[-1].piece * PIECE_BYTES + pieces[-1].bytes
    if size < wanted:
        yield f"{path.name} ends at byte {size}, {wanted} were written"
    elif is_complete and size > wanted:
        yield f"{path.name} has {size} bytes, {wanted} were written"
    wrong = [one.piece for one in pieces if one.piece * PIECE_BYTES + one.bytes <= size and not _holds(path, one)]
    for first, last in _runs(wrong):
        end = min((last + 1) * PIECE_BYTES, wanted)
        yield f"{path.name} differs between byte {first * PIECE_BYTES} and {end}"


def _holds(path: Path, one: PieceSum) -> bool:
    with path.open("rb") as file:
        file.seek(one.piece * PIECE_BYTES)
        return hashlib.sha256(file.read(one.bytes)).hexdigest() == one.sha256


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Rising numbers as (first, last) without a gap."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def renewed_sums(folder: Path, files: Collection[str], is_trusted: Callable[[PieceSum], bool]) -> list[PieceSum]:
    """The sums of these files as they are now. Full pieces that were noted and are trusted are not read again.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    known = read_sums(folder)
    sums = []
    for name in files:
        path = folder / name
        size = path.stat().st_size
        for piece in range(max(1, -(-size // PIECE_BYTES))):
            noted = known.get((name, piece))
            is_full = noted is not None and noted.bytes == PIECE_BYTES and (piece + 1) * PIECE_BYTES <= size
            sums.append(noted if noted is not None and is_full and is_trusted(noted) else piece_on_disk(path, piece))
    return sums
