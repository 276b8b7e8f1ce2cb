"""How a side channel ends: before a recording begins, and at the end of a long one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtguide.clock import SystemClock
from rtguide.errors import DeviceError, SourceEnded
from rtguide.model.side import SideInfo, SideKind, SideSample, SoundChunk
from rtguide.model.status import RecordingState, RecordingStatus
from rtguide.pipeline.sides import SideFeed
from rtguide.recording.checksums import PieceSum, differences, piece_on_disk, read_sums
from rtguide.recording.side_ring import SideRing
from rtguide.recording.sides import SideWriter, read_side
from scripted import make_frame

CLOCK = SystemClock()


class Ending:
    """Gives three values and ends."""

    def __init__(self) -> None:
        self.info = SideInfo(SideKind.VALUES, "test:", "mA")
        self.number = 0

    def read(self, timeout_s: float) -> SideSample | None:
        if self.number == 3:
            raise SourceEnded("unplugged")
        del timeout_s
        self.number += 1
        return SideSample(CLOCK.now_ns(), None, float(self.number))

    def close(self) -> None:
        """Nothing is open."""


class Failing(Ending):
    """Gives three values and fails; it cannot be opened again."""

    def __init__(self) -> None:
        if Failing.is_gone:
            raise DeviceError("no such port; plug it in")
        super().__init__()

    is_gone = False

    def read(self, timeout_s: float) -> SideSample | None:
        if self.number == 3:
            Failing.is_gone = True
            raise DeviceError("unplugged; plug it in")
        return super().read(timeout_s)


@pytest.mark.parametrize("channel", [Ending, Failing])
def test_what_a_channel_gave_before_it_ended_or_failed_is_recorded_though_record_comes_later(
    channel: type[Ending], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtguide.pipeline.sides.OPEN_AGAIN_S", 0.001)
    Failing.is_gone = False
    status = [RecordingStatus(RecordingState.OFF)]
    feed = SideFeed("current", channel, lambda: status[0], lambda fault: pytest.fail(fault.text), CLOCK)
    feed.keep_before(SideRing())
    for _ in range(8):
        assert feed.step()
    assert feed.status().trouble in ("unplugged", "no such port; plug it in")
    status[0] = RecordingStatus(RecordingState.RECORDING, str(tmp_path), begins_ns=0)
    feed.step()
    if channel is Ending:
        assert not feed.step(), "nothing waits any more"
    feed.close()
    feed.finish()
    record = read_side(tmp_path, "current")
    assert len(record.lines) == 3
    assert record.is_whole
    assert list(differences(tmp_path / "sides" / "current")) == []


def test_closing_a_channel_reads_next_to_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums are those of the disk, though only first pieces are read for them."""
    read: list[tuple[str, int]] = []

    def counted(path: Path, piece: int) -> PieceSum:
        read.append((path.name, piece))
        return piece_on_disk(path, piece)

    monkeypatch.setattr("rtguide.recording.sides.piece_on_disk", counted)
    samples = np.arange(9_000_000, dtype=np.int16).reshape(-1, 1)  # 18 MB: more than a piece
    voice = SideWriter(tmp_path, "voice", SideInfo(SideKind.SOUND, "mic:x", rate_hz=48_000))
    for part in np.array_split(samples, 3):
        voice.write(SoundChunk(1, part))
    voice.close()
    hands = SideWriter(tmp_path, "hands", SideInfo(SideKind.VIDEO, "grabber:1"))
    for seq in range(6):
        hands.write(replace(make_frame(seq), pixels=np.full((64, 64 + 2 * (seq // 3)), seq, np.uint8)))
    hands.close()
    for name, files in (
        ("voice", {"sound.wav", "sound.jsonl"}),
        ("hands", {"video.mkv", "video-2.mkv", "frames.jsonl"}),
    ):
        folder = tmp_path / "sides" / name
        assert {file for file, _ in read_sums(folder)} == files | {"side.json"}
        assert list(differences(folder)) == []
    assert set(read) == {("sound.wav", 0), ("side.json", 0)}
    assert ("sound.wav", 1) in read_sums(tmp_path / "sides" / "voice")
