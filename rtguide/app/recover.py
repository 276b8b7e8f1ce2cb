"""`rtguide recover`: repairs session folders and says what is missing from each."""

from collections.abc import Iterator
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.recording.checksums import are_complete, differences, read_sums
from rtguide.recording.layout import SESSION_NAME
from rtguide.recording.reader import open_session
from rtguide.recording.recovery import recover
from rtguide.recording.session_lines import read_head
from rtguide.recording.side_recovery import differences_before, recover_sides
from rtguide.recording.sides import SIDES_NAME

__all__ = ["check_all", "recover_all"]


def check_all(folder: Path) -> Iterator[tuple[str, bool]]:
    """Lines to print, and whether all is well by each; nothing is changed.

    Raises
    ------
    RecordingError
        There is no session, or one cannot be read.
    """
    for one in _sessions(folder):
        head, sums = read_head(one), read_sums(one)
        found = []
        if head.ledger is None:
            found.append("not closed properly: `rtguide recover` mends it")
        elif not are_complete(sums):
            found.append("has no checksums: `rtguide recover` writes them")
        sides = sorted(place for place in (one / SIDES_NAME).glob("*") if place.is_dir())
        found += [
            f"side channel {place.name} was not closed properly, or has no checksums: `rtguide recover` mends it"
            for place in sides
            if not are_complete(read_sums(place))
        ]
        found += [str(place.relative_to(one) / text) for place in (one, *sides) for text in differences(place)]
        before = [str(place.relative_to(one) / text) for place in sides for text in differences_before(place)]
        if head.recovery is not None:
            before = [*head.recovery.differences, *before]
        found += [f"not as it was written, found when it was recovered: {text}" for text in before]
        yield from ((f"{one}: {text}", False) for text in found)
        if not found:
            yield f"{one}: as it was {'written' if head.recovery is None else 'recovered'}, by its checksums", True


def _sessions(folder: Path) -> list[Path]:
    """The folder, or those inside it."""
    inside = sorted(path.parent for path in folder.glob(f"*/{SESSION_NAME}"))
    return [folder] if (folder / SESSION_NAME).is_file() or not inside else inside


def recover_all(folder: Path) -> Iterator[str]:
    """Lines to print, as the work goes on.

    Raises
    ------
    RecordingError
        There is no session, or one cannot be repaired.
    """
    folders = _sessions(folder)
    failed = []
    for one in folders:
        try:
            yield from _recovered(one)
        except RecordingError as error:
            if len(folders) == 1:
                raise
            failed.append(str(error))
            yield f"{one}: NOT recovered: {error}"
    if failed:
        raise RecordingError(f"{len(failed)} of {len(folders)} sessions could not be recovered; the first: {failed[0]}")


def _recovered(folder: Path) -> Iterator[str]:
    found = recover(folder)
    sides = recover_sides(folder)
    session = open_session(folder)
    try:
        seconds = session.time_ns(len(session) - 1) / 1e9 if len(session) else 0.0
        done = "nothing to repair" if found is None else "recovered"
        last = f", the last is frame {session.frames[-1].seq}" if len(session) else ""
        yield f"{folder}: {done}: {len(session)} frames, {seconds:.2f} s{last}"
        yield from (f"  {text}" for text in session.warnings)
        for side in sides:
            yield f"  side channel {side.name}: {side.text}"
            yield from (f"  side channel {side.name}: not as it was written: {text}" for text in side.differences)
        ledger = session.head.ledger
        if ledger is not None:
            yield (
                f"  account: {ledger.received} received = {ledger.written} written + {ledger.declared_lost} lost; "
                f"{ledger.scenes} with a scene, {ledger.skipped} without; {ledger.lost_before} never came"
            )
    finally:
        session.close()
