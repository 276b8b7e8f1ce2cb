"""Side channels in a session: `sides/NAME/` with what came, each piece with its host time, on the frames' own clock."""

import json
import wave
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, cast

from rtguide.errors import RecordingError
from rtguide.model.frame import Frame
from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.recording.checksums import FileSummer, PieceSum, piece_on_disk
from rtguide.recording.layout import CHECKSUMS_NAME, SIDE_HEAD_NAME, Part
from rtguide.recording.matroska import TICK_NS
from rtguide.recording.packing import FramePacker, PackedFrame
from rtguide.recording.part_writer import PartWriter
from rtguide.recording.session_files import guarded, json_line, replace_file
from rtguide.recording.session_lines import read_json, read_lines
from rtguide.recording.side_ring import pack_whole
from rtguide.recording.values_json import to_json

__all__ = ["SIDES_NAME", "SideRecord", "SideWriter", "read_side", "side_names"]

SIDES_NAME = "sides"
LINES_NAMES = {SideKind.VALUES: "values.jsonl", SideKind.SOUND: "sound.jsonl", SideKind.VIDEO: "frames.jsonl"}
SOUND_NAME = "sound.wav"

_WAVE_HEAD_BYTES = 44
"""RIFF, `fmt ` of plain PCM and the head of `data`, as the standard library writes them."""


class SideWriter:
    """Writes one side channel into a session folder. One thread uses it; errors leave as `RecordingError`.

    Nothing is buffered here: what was written is with the system, also when the program dies.
    """

    def __init__(self, session: Path, name: str, info: SideInfo) -> None:
        self._info = info
        self._folder = session / SIDES_NAME / name
        guarded(self._folder, lambda: self._folder.mkdir(parents=True, exist_ok=True))
        self._lines = guarded(self._folder, FileIO, self._folder / LINES_NAMES[info.kind], "ab")
        self._sums: list[PieceSum] = []
        self._line_sums, self._sound_sums = FileSummer(LINES_NAMES[info.kind]), FileSummer(SOUND_NAME)
        self._sound: wave.Wave_write | None = None
        self._packer, self._video = FramePacker(), cast(PartWriter | None, None)
        self._origin_ns = 0
        self._last_pts = -1
        self._written = self._samples = 0
        self._write_head(None)

    def write(self, item: SideSample | SoundChunk | Frame | PackedFrame) -> None:
        """Add what came; a picture may be packed already."""
        if isinstance(item, SideSample):
            line = asdict(item)
        elif isinstance(item, SoundChunk):
            line = guarded(self._folder, self._write_sound, item)
        else:
            packed = pack_whole(self._packer, item) if isinstance(item, Frame) else item
            self._packer.go_on_from(packed)
            line = guarded(self._folder, self._write_packed, packed)
        text = json_line(to_json(line))
        guarded(self._folder, self._lines.write, text)
        self._line_sums.add(text)
        self._written += 1

    def close(self) -> None:
        """Finish; may be called twice. No video is read again: an hour of a camera would hold up what comes next."""
        if self._lines.closed:
            return
        self._lines.close()
        if self._sound is not None:
            guarded(self._folder, self._sound.close)
        if self._video is not None:
            guarded(self._folder, self._close_video, self._video)
        self._write_head(self._written)
        guarded(self._folder, self._write_sums)

    def _write_sums(self) -> None:
        """Summed while they were written; the first piece of a sound anew, whose head tells its length."""
        sums = [*self._line_sums.rest(), *self._sums]
        if self._sound is not None:
            sums += [piece_on_disk(self._folder / SOUND_NAME, 0), *self._sound_sums.rest()[1:]]
        sums.append(piece_on_disk(self._folder / SIDE_HEAD_NAME, 0))
        replace_file(self._folder / CHECKSUMS_NAME, b"".join(json_line(to_json(one)) for one in sums))

    def _close_video(self, video: PartWriter) -> None:
        video.close()
        self._sums += video.take_sums()

    def _write_head(self, written: int | None) -> None:
        head = {**to_json(self._info), "written": written}
        text = json.dumps(head, ensure_ascii=False, indent=1) + "\n"
        guarded(self._folder, replace_file, self._folder / SIDE_HEAD_NAME, text.encode())

    def _write_sound(self, chunk: SoundChunk) -> dict[str, Any]:
        if self._sound is None:
            self._sound = wave.open(str(self._folder / SOUND_NAME), "wb")  # noqa: SIM115 - closed with the writer
            self._sound.setnchannels(chunk.samples.shape[1])
            self._sound.setsampwidth(2)
            self._sound.setframerate(round(self._info.rate_hz or 48_000))
            self._sound_sums.add(bytes(_WAVE_HEAD_BYTES))
        first, self._samples = self._samples, self._samples + len(chunk.samples)
        data = chunk.samples.astype("<i2").tobytes()
        self._sound.writeframes(data)
        self._sound_sums.add(data)
        return {"t_capture_ns": chunk.t_capture_ns, "first_sample": first, "samples": len(chunk.samples)}

    def _write_packed(self, packed: PackedFrame) -> Any:
        """Another part of the video where the frame's size changes or colour comes."""
        frame = packed.frame
        if self._video is None:
            self._origin_ns = frame.t_capture_ns
        if self._video is None or not self._video.takes(packed):
            number = 1
            if self._video is not None:
                number = self._video.part.number + 1
                self._close_video(self._video)
            self._video = PartWriter(self._folder, Part(number, packed.box, packed.is_grey, frame.seq), packed.track)
        self._last_pts = max(self._last_pts + 1, round((frame.t_capture_ns - self._origin_ns) / TICK_NS))
        return self._video.write(packed, self._last_pts)


@dataclass(frozen=True, slots=True)
class SideRecord:
    """A recorded side channel. lines: what came, in order, as the file has it · is_whole: it was closed properly."""

    info: SideInfo
    lines: tuple[dict[str, Any], ...]
    is_whole: bool


def side_names(session: Path) -> tuple[str, ...]:
    """The side channels that a session folder holds."""
    return tuple(sorted(path.parent.name for path in (session / SIDES_NAME).glob(f"*/{SIDE_HEAD_NAME}")))


def read_side(session: Path, name: str) -> SideRecord:
    """One of them; a torn last line does not count.

    Raises
    ------
    RecordingError
        It is not there, or not readable.
    """
    folder = session / SIDES_NAME / name
    try:
        head = read_json((folder / SIDE_HEAD_NAME).read_bytes())
        info = SideInfo(SideKind(head["kind"]), str(head["address"]), str(head["unit"]), head["rate_hz"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{folder / SIDE_HEAD_NAME}: cannot be read; take the session from a copy") from error
    lines = tuple(_whole(folder / LINES_NAMES[info.kind]))
    return SideRecord(info, lines, head.get("written") == len(lines))


def _whole(path: Path) -> Iterator[dict[str, Any]]:
    for text in read_lines(path):
        try:
            line = read_json(text) if text.endswith(b"\n") else None
        except RecordingError:
            continue
        if isinstance(line, dict):
            yield line
