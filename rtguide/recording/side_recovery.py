"""Mends what a crash left of a session's side channels: torn ends, the video's index, what was never closed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtguide.errors import RecordingError
from rtguide.model.side import SideKind
from rtguide.recording.checksums import are_complete, differences, read_sums, renewed_sums
from rtguide.recording.cluster_scan import whole_frames
from rtguide.recording.ebml import Name, id_bytes
from rtguide.recording.layout import CHECKSUMS_NAME, SIDE_HEAD_NAME, FrameLine, video_name
from rtguide.recording.matroska import finish_file
from rtguide.recording.session_files import guarded, json_line, replace_file
from rtguide.recording.session_lines import read_json
from rtguide.recording.sides import LINES_NAMES, SIDES_NAME, read_side, side_names
from rtguide.recording.values_json import from_json, to_json

__all__ = ["SideRecovery", "differences_before", "recover_sides"]


@dataclass(frozen=True, slots=True)
class SideRecovery:
    """What was done to one channel. text: in words · differences: what was not as it was written."""

    name: str
    text: str
    differences: tuple[str, ...] = ()


def recover_sides(session: Path) -> tuple[SideRecovery, ...]:
    """Close what was never closed, and compare and renew checksums; nothing for a channel that is as it should be.

    Raises
    ------
    RecordingError
        The folder cannot be written.
    """
    found = []
    for name in side_names(session):
        try:
            done = _recovered(session, name)
        except RecordingError as error:
            done = SideRecovery(name, f"cannot be mended: {error}")
        if done is not None:
            found.append(done)
    return tuple(found)


def differences_before(folder: Path) -> tuple[str, ...]:
    """What was not as it was written when the channel was recovered: its checksums are of what was found since."""
    try:
        head = read_json((folder / SIDE_HEAD_NAME).read_bytes())
    except (OSError, RecordingError):  # that it cannot be read is for others to say
        return ()
    kept = head.get("differences") if isinstance(head, dict) else None
    return tuple(str(text) for text in kept) if isinstance(kept, list) else ()


def _recovered(session: Path, name: str) -> SideRecovery | None:
    folder = session / SIDES_NAME / name
    wrong = tuple(differences(folder))
    record = read_side(session, name)
    if record.is_whole and not wrong and are_complete(read_sums(folder)):
        return None
    lines = list(record.lines)
    if not record.is_whole:
        if record.info.kind is SideKind.VIDEO:
            lines = _finish_videos(folder, lines)
        data = b"".join(json_line(line) for line in lines)
        guarded(folder, replace_file, folder / LINES_NAMES[record.info.kind], data)
    if wrong or not record.is_whole:
        head = {**read_json((folder / SIDE_HEAD_NAME).read_bytes()), "written": len(lines)}
        if wrong:
            head["differences"] = [*differences_before(folder), *wrong]
        text = json.dumps(head, ensure_ascii=False, indent=1) + "\n"
        guarded(folder, replace_file, folder / SIDE_HEAD_NAME, text.encode())
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != CHECKSUMS_NAME)
    sums = guarded(folder, renewed_sums, folder, names, lambda _: False)
    guarded(folder, replace_file, folder / CHECKSUMS_NAME, b"".join(json_line(to_json(one)) for one in sums))
    text = "checksums written" if record.is_whole else f"was not closed properly: {len(lines)} pieces are kept"
    return SideRecovery(name, text, wrong)


def _finish_videos(folder: Path, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every part of a video its index; gives the lines of all frames whose picture is whole, torn ones anew."""
    known: dict[int, dict[int, FrameLine]] = {}
    for line in lines:
        frame = from_json(FrameLine, line)
        known.setdefault(frame.part, {})[frame.pos] = frame
    kept: list[dict[str, Any]] = []
    part = 1
    while (path := folder / video_name(part)).is_file():
        whole = list(whole_frames(path, part, known.get(part, {}), 0))
        kept += [to_json(frame) for frame in whole]
        if whole and not _has_index(path, whole[-1].pos + whole[-1].length):
            places = [(frame.pts, frame.pos) for frame in whole]
            guarded(folder, finish_file, path, places, whole[-1].pos + whole[-1].length)
        part += 1
    return kept


def _has_index(path: Path, end: int) -> bool:
    with path.open("rb") as file:
        file.seek(end)
        return file.read(4) == id_bytes(Name.CUES)
