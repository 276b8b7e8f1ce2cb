"""`rtguide recover`: repairs session folders and says what is missing from each."""

from collections.abc import Iterator
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.recording.layout import SESSION_NAME
from rtguide.recording.reader import open_session
from rtguide.recording.recovery import recover

__all__ = ["recover_all"]


def recover_all(folder: Path) -> Iterator[str]:
    """Lines to print, as the work goes on.

    Raises
    ------
    RecordingError
        There is no session, or one cannot be repaired.
    """
    inside = sorted(path.parent for path in folder.glob(f"*/{SESSION_NAME}"))
    folders = [folder] if (folder / SESSION_NAME).is_file() or not inside else inside
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
    session = open_session(folder)
    try:
        seconds = session.time_ns(len(session) - 1) / 1e9 if len(session) else 0.0
        done = "nothing to repair" if found is None else "recovered"
        last = f", the last is frame {session.frames[-1].seq}" if len(session) else ""
        yield f"{folder}: {done}: {len(session)} frames, {seconds:.2f} s{last}"
        yield from (f"  {text}" for text in session.warnings)
        ledger = session.head.ledger
        if ledger is not None:
            yield (
                f"  account: {ledger.received} received = {ledger.written} written + {ledger.declared_lost} lost; "
                f"{ledger.scenes} with a scene, {ledger.skipped} without; {ledger.lost_before} never came"
            )
    finally:
        session.close()
