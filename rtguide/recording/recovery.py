"""Repairs what a crash, a power cut or a torn copy left of a session folder, and says exactly what is missing."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from rtguide.errors import RecordingError
from rtguide.model.frame import FrameNote
from rtguide.recording.checksums import PieceSum, are_complete, differences, read_sums, renewed_sums
from rtguide.recording.cluster_scan import whole_frames
from rtguide.recording.ebml import Name, id_bytes
from rtguide.recording.folder_lock import hold
from rtguide.recording.layout import (
    CHECKSUMS_NAME,
    EVENTS_NAME,
    FRAMES_NAME,
    PAINTS_NAME,
    SCENES_NAME,
    SESSION_NAME,
    TRUTH_NAME,
    FrameLine,
    Ledger,
    Part,
    Recovery,
    SessionHead,
    video_name,
)
from rtguide.recording.matroska import finish_file
from rtguide.recording.session_files import guarded, json_line, replace_file, write_head
from rtguide.recording.session_lines import read_frame_lines, read_head, read_json, read_line_places, read_lines
from rtguide.recording.values_json import to_json

__all__ = ["recover", "recovery_texts", "runs_of"]

UNSURE_FRAMES = 300
"""The newest frames that a quick look checks picture by picture: the disk is synced every second, and this is five
seconds at 60 Hz."""


def recover(folder: Path, *, is_thorough: bool = True) -> Recovery | None:
    """Mend the folder; None where nothing was to be done. Doing it again changes nothing.

    Torn ends are cut off, lost lines rebuilt from the video, the video gets its index, every frame has its scene line,
    the account is closed, the checksums are renewed. is_thorough: check every picture and every checksum, not only
    pictures that the disk may not have had in time.

    Raises
    ------
    RecordingError
        It is no session, it is being recorded just now, or it cannot be written.
    """
    head = read_head(folder)
    with _held(folder):
        found = tuple(differences(folder)) if is_thorough else ()
        names = [
            FRAMES_NAME,
            SCENES_NAME,
            EVENTS_NAME,
            *(() if not (folder / PAINTS_NAME).exists() else (PAINTS_NAME,)),
        ]
        cut_bytes = sum(_cut_torn_line(folder / name) for name in names)
        lines, _ = read_frame_lines(folder / FRAMES_NAME)
        whole = list(_whole_lines(folder, head, lines, is_thorough))
        places, _ = read_line_places(folder / SCENES_NAME)
        known = {line.seq for line in whole}
        sceneless = [line.seq for line in whole if line.seq not in places]
        given_up, out_of_order = _declared_lost(folder)
        declared = given_up | _seqs_of(head.recovery)
        missing = sorted(({line.seq for line in lines} | places.keys()) - known - declared)
        if head.ledger is not None and not (missing or sceneless or cut_bytes or found) and whole == lines:
            if is_thorough and not are_complete(read_sums(folder)):
                _renew_sums(folder, head, lambda _: False)
            return None
        cut_bytes += sum(_finish_video(folder, part, whole) for part in head.parts)
        if whole != lines:
            guarded(folder, replace_file, folder / FRAMES_NAME, b"".join(json_line(to_json(line)) for line in whole))
        _append_scene_lines(folder, sceneless)
        before = {line.seq for line in lines}
        recovery = Recovery(
            was_closed=head.ledger is not None,
            missing=runs_of(missing),
            rebuilt_lines=sum(line.seq not in before for line in whole),
            lost_scenes=len(sceneless),
            cut_bytes=cut_bytes,
            differences=found,
        )
        lost = _Lost(declared | set(missing), out_of_order)
        ledger = _account(head, whole, lost, _count_scenes(folder, known))
        write_head(folder, replace(head, ledger=ledger, recovery=_joined(head.recovery, recovery)))
        rewritten = set() if whole == lines else {FRAMES_NAME}
        ends = {video_name(line.part): line.pos + line.length for line in whole}  # behind them lies a new index

        def is_as_noted(one: PieceSum) -> bool:
            is_before_end = (one.piece + 1) * one.bytes <= ends.get(one.file, sys.maxsize)
            return not is_thorough and one.piece > 0 and one.file not in rewritten and is_before_end

        _renew_sums(folder, head, is_as_noted)
    return recovery


def _renew_sums(folder: Path, head: SessionHead, is_trusted: Callable[[PieceSum], bool]) -> None:
    """Note what every file of the recording is from now on. The first piece of a video is new: its head was."""
    names = [SESSION_NAME, FRAMES_NAME, SCENES_NAME, EVENTS_NAME, PAINTS_NAME, TRUTH_NAME]
    there = [name for name in (*names, *(video_name(part.number) for part in head.parts)) if (folder / name).is_file()]
    sums = guarded(folder, renewed_sums, folder, there, is_trusted)
    guarded(folder, replace_file, folder / CHECKSUMS_NAME, b"".join(json_line(to_json(one)) for one in sums))


def recovery_texts(recovery: Recovery) -> tuple[str, ...]:
    """What is missing, a line each; one line at least."""
    first = "the folder was damaged and has been recovered"
    if not recovery.was_closed:
        first = "the recording was not closed properly: it ends where it was broken off, and has been recovered"
    texts = [first]
    if recovery.missing:
        texts.append(f"{recovery.missing_frames} frames that were written are lost: {_spelled(recovery.missing)}")
    else:
        texts.append("no frame that was written is lost")
    if recovery.lost_scenes:
        texts.append(f"{recovery.lost_scenes} frames have lost what was tracked in them, or it was not yet written")
    if recovery.rebuilt_lines:
        texts.append(
            f"{recovery.rebuilt_lines} lines of {FRAMES_NAME} were rebuilt from the video, nothing lost by that"
        )
    texts.extend(f"not as it was written: {text}" for text in recovery.differences)
    return tuple(texts)


def _spelled(runs: tuple[tuple[int, int], ...], most: int = 8) -> str:
    """`3, 7–9, 12`; the rest of a long list by number."""
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:most]]
    rest = f" and {len(runs) - most} more runs" if len(runs) > most else ""
    return ", ".join(texts) + rest


def runs_of(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as (first, last) runs without a gap."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Nobody else writes the folder meanwhile; files of lines that are gone begin anew."""
    for name in (FRAMES_NAME, SCENES_NAME, EVENTS_NAME):
        guarded(folder, (folder / name).touch)
    with guarded(folder, lambda: (folder / EVENTS_NAME).open("r+b")) as file:
        if not hold(file.fileno()):
            raise RecordingError(f"{folder}: is being recorded, or recovered by another program; wait until it is done")
        yield


def _cut_torn_line(path: Path) -> int:
    """Cut off a last line without its end; gives how many bytes that was."""
    with guarded(path, lambda: path.open("r+b")) as file:
        size = at = file.seek(0, os.SEEK_END)
        while at > 0:
            step = min(at, 65_536)
            file.seek(at - step)
            end = file.read(step).rfind(b"\n")
            at -= step
            if end >= 0:
                at += end + 1
                break
        if at < size:
            guarded(path, file.truncate, at)
            os.fsync(file.fileno())
    return size - at


def _whole_lines(folder: Path, head: SessionHead, lines: list[FrameLine], is_thorough: bool) -> Iterator[FrameLine]:
    """The lines of all frames whose picture is there, in order; those that were lost are made from the video."""
    last_seq = -1
    last_pts = -1
    for part in head.parts:
        path = folder / video_name(part.number)
        own = [line for line in lines if line.part == part.number]
        size = path.stat().st_size if path.is_file() else 0
        sure = [] if is_thorough else [line for line in own[:-UNSURE_FRAMES] if line.pos + line.length <= size]
        start = sure[-1].pos + sure[-1].length if sure else 0
        scanned = whole_frames(path, part.number, {line.pos: line for line in own}, start)
        for line in (*sure, *scanned):
            if line.seq > last_seq and line.pts > last_pts:
                last_seq, last_pts = line.seq, line.pts
                yield line


def _finish_video(folder: Path, part: Part, whole: list[FrameLine]) -> int:
    """Cut the part behind its last whole frame and give it an index; gives how many bytes were cut."""
    own = [line for line in whole if line.part == part.number]
    path = folder / video_name(part.number)
    if not own:
        return 0
    end = own[-1].pos + own[-1].length
    with path.open("rb") as file:
        file.seek(end)
        is_index = file.read(4) == id_bytes(Name.CUES)
    torn = 0 if is_index else path.stat().st_size - end
    guarded(folder, finish_file, path, [(line.pts, line.pos) for line in own], end)
    return torn


def _append_scene_lines(folder: Path, seqs: list[int]) -> None:
    """Frames without a scene get a line that says so."""
    if not seqs:
        return
    data = b"".join(json_line({"seq": seq, "skipped": True, "lost": True}) for seq in seqs)
    with guarded(folder, lambda: (folder / SCENES_NAME).open("ab")) as file:
        guarded(folder, file.write, data)
        guarded(folder, file.flush)
        os.fsync(file.fileno())


def _declared_lost(folder: Path) -> tuple[set[int], list[int]]:
    """Frames that the recording itself said it had to give up, and those that came out of order."""
    given_up, out_of_order = set(), []
    for text in read_lines(folder / EVENTS_NAME):
        try:
            event = read_json(text)
        except RecordingError:
            continue
        if not isinstance(event, dict) or not isinstance(event.get("seq"), int):
            continue
        if event.get("kind") == "frame lost":
            given_up.add(event["seq"])
        elif event.get("kind") == "frame out of order":
            out_of_order.append(event["seq"])
    return given_up, out_of_order


@dataclass(frozen=True, slots=True)
class _Lost:
    given_up: set[int]
    out_of_order: list[int]


@dataclass(frozen=True, slots=True)
class _Scenes:
    """Frames whose line says that there is no scene, and scenes that came on screen."""

    skipped: int
    painted: int


def _count_scenes(folder: Path, known: set[int]) -> _Scenes:
    path = folder / SCENES_NAME
    places, _ = read_line_places(path)
    there = set()
    with path.open("rb") as file:
        for seq, (at, length) in places.items():
            file.seek(at)
            if seq in known and not (length < 64 and b'"skipped"' in file.read(length)):
                there.add(seq)
    paints = folder / PAINTS_NAME
    painted = read_line_places(paints)[0].keys() & there if paints.exists() else set()
    return _Scenes(len(known) - len(there), len(painted))


def _account(head: SessionHead, whole: list[FrameLine], lost: _Lost, scenes: _Scenes) -> Ledger:
    """The account as it stands now. What never came is what is missing between numbers, less what was given up."""
    gaps = sum(later.seq - earlier.seq - 1 for earlier, later in pairwise(whole))
    known = {line.seq for line in whole}
    came = (lost.given_up | set(lost.out_of_order)) - known
    within = sum(whole[0].seq < seq < whole[-1].seq for seq in came) if whole else 0
    written = len(whole)
    old = head.ledger or Ledger()
    declared = max(len(lost.given_up) + len(lost.out_of_order), old.received - written)
    flags = Counter(flag for line in whole for flag in line.flags)
    return Ledger(
        received=written + declared,
        written=written,
        declared_lost=declared,
        lost_before=max(0, gaps - within),
        scenes=written - scenes.skipped,
        skipped=scenes.skipped,
        orphans=old.orphans,
        out_of_order=len(lost.out_of_order),
        late=flags[FrameNote.LATE],
        duplicated=flags[FrameNote.DUPLICATE],
        frozen=flags[FrameNote.FROZEN],
        painted=scenes.painted,
        skipped_by_screen=written - scenes.skipped - scenes.painted,
        tracked_delay=old.tracked_delay,
        painted_delay=old.painted_delay,
    )


def _joined(before: Recovery | None, now: Recovery) -> Recovery:
    """What both found."""
    if before is None:
        return now
    seqs = sorted(_seqs_of(before) | _seqs_of(now))
    return Recovery(
        was_closed=before.was_closed,
        missing=runs_of(seqs),
        rebuilt_lines=before.rebuilt_lines + now.rebuilt_lines,
        lost_scenes=before.lost_scenes + now.lost_scenes,
        cut_bytes=before.cut_bytes + now.cut_bytes,
        differences=(*before.differences, *now.differences),
    )


def _seqs_of(recovery: Recovery | None) -> set[int]:
    """The frames that it found missing."""
    runs = () if recovery is None else recovery.missing
    return {seq for first, last in runs for seq in range(first, last + 1)}
