"""What DICOM says of time and scale, and when it is not believed."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_files import clip_dataset, noise, region, write
from rtguide.app.plugins import open_source
from rtguide.clock import ManualClock
from rtguide.model.geometry import Provenance, RectRegion
from rtguide.recording.dicom_region import region_geometry
from rtguide.recording.dicom_times import frame_times

SHAPE = (48, 64)


def with_regions(*regions, **elements):
    dataset = Dataset()
    dataset.SequenceOfUltrasoundRegions = list(regions)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def test_a_region_gives_place_and_scale():
    geometry, warnings = region_geometry(with_regions(region(4, 6, 59, 40)), SHAPE)
    assert geometry.region == RectRegion(4.0, 6.0, 56.0, 35.0)
    assert geometry.spacing_mm == pytest.approx((0.2, 0.25))
    assert geometry.provenance is Provenance.DICOM
    assert geometry.is_verified
    assert warnings == ()


def test_a_region_to_the_number_after_the_last_pixel_is_clipped():
    geometry, warnings = region_geometry(with_regions(region(0, 0, 64, 48)), SHAPE)
    assert geometry.region == RectRegion(0.0, 0.0, 64.0, 48.0)
    assert warnings == ()


def test_a_region_of_another_grid_is_refused_with_its_scale():
    for corners in ((4, 6, 65, 40), (4, 6, 50, 60), (30, 6, 20, 40), (128, 96, 500, 400)):
        geometry, warnings = region_geometry(with_regions(region(*corners)), SHAPE)
        assert geometry is None
        assert "another grid" in warnings[0]
        assert "--mm-per-px" in warnings[0]


def test_any_region_that_does_not_fit_makes_all_of_them_suspect():
    graph = region(0, 41, 120, 47, RegionSpatialFormat=4, RegionDataType=10)
    geometry, warnings = region_geometry(with_regions(region(4, 6, 30, 20), graph), SHAPE)
    assert geometry is None
    assert "another grid" in warnings[0]


def test_of_several_the_largest_tissue_region_is_taken():
    doppler = region(0, 0, 63, 47, RegionSpatialFormat=3, RegionDataType=3)
    geometry, warnings = region_geometry(with_regions(doppler, region(0, 0, 9, 9), region(10, 0, 50, 40)), SHAPE)
    assert geometry.region == RectRegion(10.0, 0.0, 41.0, 41.0)
    assert "2 tissue regions" in warnings[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PhysicalUnitsXDirection": 0}, "not measured in centimetres"),
        ({"PhysicalUnitsYDirection": 4}, "not measured in centimetres"),
        ({"PhysicalDeltaX": 0.0}, "0×0.25 mm"),
        ({"PhysicalDeltaY": 5.0}, "0.2×50 mm"),
        ({"PhysicalDeltaX": float("nan")}, "nan"),
        ({"PhysicalDeltaX": None}, "how large"),
    ],
)
def test_a_scale_that_means_nothing_is_not_used_but_the_region_is(change, words):
    geometry, warnings = region_geometry(with_regions(region(4, 6, 59, 40, **change)), SHAPE)
    assert geometry.spacing_mm is None
    assert not geometry.is_verified
    assert geometry.region.width == 56
    assert words in warnings[0]


def test_a_negative_delta_is_a_direction():
    geometry, _ = region_geometry(with_regions(region(4, 6, 59, 40, PhysicalDeltaY=-0.025)), SHAPE)
    assert geometry.spacing_mm == pytest.approx((0.2, 0.25))


def test_two_scales_that_differ_are_none():
    item = region(4, 6, 59, 40)
    same, no_warnings = region_geometry(with_regions(item, PixelSpacing=[0.25, 0.2]), SHAPE)
    other, warnings = region_geometry(with_regions(item, PixelSpacing=[0.5, 0.4]), SHAPE)
    assert same.is_verified
    assert no_warnings == ()
    assert other.spacing_mm is None
    assert "Pixel Spacing" in warnings[0]


def test_no_tissue_region_no_scale():
    graph = region(0, 0, 9, 9, RegionSpatialFormat=4)
    assert region_geometry(with_regions(graph), SHAPE)[0] is None
    assert region_geometry(Dataset(), SHAPE) == (None, ())


def times_ms(count, **elements):
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    times, warnings = frame_times(dataset, count)
    return np.array(times) / 1e6, warnings


def test_times_of_frames():
    assert times_ms(3, FrameTime=33.333)[0] == pytest.approx([0, 33.333, 66.666])
    assert times_ms(3, FrameTimeVector=[0, 10, 25])[0] == pytest.approx([0, 10, 35])
    assert times_ms(3, FrameTime=5, FrameTimeVector=[0, 10, 25])[0] == pytest.approx([0, 5, 10])
    pointed = times_ms(3, FrameTime=5, FrameTimeVector=[0, 10, 25], FrameIncrementPointer=0x00181065)[0]
    assert pointed == pytest.approx([0, 10, 35])
    assert times_ms(3, CineRate=50)[0] == pytest.approx([0, 20, 40])
    assert times_ms(3, FrameTime=0, RecommendedDisplayFrameRate=10)[0] == pytest.approx([0, 100, 200])
    for times, warnings in (times_ms(2, FrameTime=3), times_ms(2, CineRate=3), times_ms(1)):
        assert warnings == ()
        assert times[0] == 0


def test_times_that_are_missing_or_impossible_are_assumed_and_said():
    times, warnings = times_ms(3)
    assert times == pytest.approx([0, 40, 80])
    assert "25 a second" in warnings[0]
    times, warnings = times_ms(5, FrameTimeVector=[0, 10, -3, 20])
    assert times == pytest.approx([0, 10, 25, 45, 60])
    assert "2 of its 4" in warnings[0]
    assert times_ms(3, FrameTime=float("inf"))[1]


def test_a_clip_carries_its_times_and_its_geometry(tmp_path):
    dataset = clip_dataset(
        noise(3), "MONOCHROME2", FrameTimeVector=[0, 30, 50], SequenceOfUltrasoundRegions=[region(4, 6, 59, 40)]
    )
    source = open_source(str(write(tmp_path / "a.dcm", dataset)), ManualClock(), is_paced=False)
    assert [source.read(0.0).t_device_ns for _ in range(3)] == [0, 30_000_000, 80_000_000]
    assert source.geometry.is_verified
    assert source.info.rate_hz == pytest.approx(25.0)
    assert source.warnings == ()
    source.close()


def test_warnings_reach_whoever_plays_it(tmp_path):
    path = write(tmp_path / "a.dcm", clip_dataset(noise(3), "MONOCHROME2"))
    for address in (str(path), f"replay:{path}?loop=1", f"replay:{path}?preload=1"):
        for is_paced in (True, False):
            source = open_source(address, ManualClock(), is_paced=is_paced)
            assert any("25 a second" in text and str(path) in text for text in source.warnings)
            source.close()
