"""Long recordings as DICOM: as many files as they need, one frame in memory."""

import shutil
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pydicom
import pytest

from rtguide.errors import RecordingError
from rtguide.model.geometry import ImageGeometry
from rtguide.recording import dicom_export
from rtguide.recording.dicom_export import write_dicom
from rtguide.recording.sequence_export import FrameSeries

SHAPE_PX = (31, 41)
GEOMETRY = ImageGeometry.whole_frame(SHAPE_PX)


def picture(index: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.full(SHAPE_PX, index % 251, np.uint8)


def series(times_s: "list[float]", shape_px: tuple[int, int] = SHAPE_PX) -> FrameSeries:
    return FrameSeries(tuple(times_s), shape_px, (0.1, 0.1), picture)


def check(paths: tuple[Path, ...], times_s: list[float]) -> None:
    """Every frame once, in order, at its time; each file valid by itself."""
    at = 0
    for number, path in enumerate(paths, start=1):
        data = pydicom.dcmread(path)
        assert data.InstanceNumber == number
        count = int(data.NumberOfFrames)
        frames = data.pixel_array.reshape(count, *SHAPE_PX)
        assert [frame[0, 0] for frame in frames] == [index % 251 for index in range(at, at + count)]
        vector = np.atleast_1d(np.array(data.FrameTimeVector, float))
        assert len(vector) == count
        wanted = np.diff(np.array(times_s[at : at + count]) * 1000, prepend=times_s[at] * 1000)
        assert np.abs(vector - wanted).max() <= 0.0006
        if len(paths) > 1:
            assert f"part {number} of {len(paths)}, from {times_s[at]:.3f} s" in data.DerivationDescription
        at += count
    assert at == len(times_s)
    datasets = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    assert len({data.SeriesInstanceUID for data in datasets}) == 1
    assert len({data.SOPInstanceUID for data in datasets}) == len(paths)


def test_the_times_of_an_hour_need_several_files_and_every_one_is_valid(tmp_path: Path) -> None:
    times_s = [index / 30 for index in range(20_000)]
    paths = write_dicom(tmp_path / "a.dcm", series(times_s), GEOMETRY, 0)
    assert [path.name for path in paths] == ["a.dcm", "a-2.dcm", "a-3.dcm"]
    check(paths, times_s)
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed")
    for path in paths:
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("count", [1, 4, 5, 11])
def test_what_is_larger_than_a_file_can_be_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(dicom_export, "_MOST_PIXEL_BYTES", 5 * SHAPE_PX[0] * SHAPE_PX[1] - 1)
    times_s = [index / 7 for index in range(count)]
    paths = write_dicom(tmp_path / "a.dcm", series(times_s), GEOMETRY, None)
    assert len(paths) == -(-count // 4)
    check(paths, times_s)


def test_recordings_of_equal_times_have_numbers_of_their_own_without_a_day_too(tmp_path: Path) -> None:
    """Two simulated or paced recordings tick alike; PACS and viewers take equal numbers for the same pictures."""
    times_s = tuple(index / 25 for index in range(40))
    found = []
    for number in (0, 0, 1):
        changed = 17 if number else -1  # the later half differs

        def pixels(index: int, changed: int = changed) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
            return picture(index + 100 * (index >= changed >= 0))

        path = tmp_path / f"{len(found)}.dcm"
        write_dicom(path, FrameSeries(times_s, SHAPE_PX, None, pixels), GEOMETRY, None)
        data = pydicom.dcmread(path, stop_before_pixels=True)
        found.append((data.SOPInstanceUID, data.SeriesInstanceUID, data.StudyInstanceUID, data.PatientID))
    assert found[0] == found[1], "the same recording, exported twice"
    assert not set(found[0]) & set(found[2])


def test_one_frame_is_in_memory_at_a_time(tmp_path: Path) -> None:
    shape_px = (1000, 1000)
    long = FrameSeries(
        tuple(k / 30 for k in range(60)), shape_px, None, lambda index: np.full(shape_px, index, np.uint8)
    )
    tracemalloc.start()
    try:
        write_dicom(tmp_path / "a.dcm", long, ImageGeometry.whole_frame(shape_px), 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "a.dcm").stat().st_size > 60_000_000
    assert peak < 10_000_000


def test_nothing_is_left_of_a_failed_one_and_nothing_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_export, "_MOST_PIXEL_BYTES", 5 * SHAPE_PX[0] * SHAPE_PX[1])

    def broken(index: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
        if index == 7:
            raise RecordingError("damaged")
        return picture(index)

    with pytest.raises(RecordingError, match="damaged"):
        write_dicom(tmp_path / "a.dcm", FrameSeries(tuple(map(float, range(12))), SHAPE_PX, None, broken), GEOMETRY, 0)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a-2.dcm").write_bytes(b"mine")
    with pytest.raises(RecordingError, match="is there already"):
        write_dicom(tmp_path / "a.dcm", series([float(k) for k in range(12)]), GEOMETRY, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["a-2.dcm"]
    assert (tmp_path / "a-2.dcm").read_bytes() == b"mine"
