"""Whatever a DICOM file holds, the reader answers with frames or one of our errors."""

from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from dicom_files import clip_dataset, encapsulated, jpeg, jpeg2000, lossless_jpeg, noise, region, smooth, write
from mutation import BATCHES, MOST_FRAMES, mutated, outcome
from rtguide.clock import ManualClock
from rtguide.recording.dicom_clip import open_clip
from rtguide.recording.indexed_source import IndexedSource

COUNT = 3
PICTURES = smooth(COUNT, (24, 32))


def clips():
    elements = {"FrameTimeVector": [0, 30, 50], "SequenceOfUltrasoundRegions": [region(4, 6, 20, 20)]}
    grey = clip_dataset(noise(COUNT, (24, 32), "u2"), "MONOCHROME2", WindowCenter=9, WindowWidth=99, **elements)
    yield "native", grey
    rle = clip_dataset(PICTURES, **elements)
    yield "rle", encapsulated(rle, RLELossless, [RLELosslessEncoder.encode(rle, index=i) for i in range(COUNT)])
    coders = ((JPEGBaseline8Bit, jpeg), (JPEG2000Lossless, jpeg2000), (JPEGLosslessSV1, lossless_jpeg),
              (JPEGLSLossless, lambda picture: bytes(jpeg_ls.encode_array(picture))))  # fmt: skip
    for syntax, coder in coders:
        dataset = encapsulated(clip_dataset(PICTURES, **elements), syntax, [coder(picture) for picture in PICTURES])
        if coder is jpeg:
            dataset.PhotometricInterpretation = "YBR_FULL_422"
        yield syntax.keyword, dataset


def read_some(path: Path) -> int:
    frames = outcome(open_clip, path)
    if frames is None:
        return 0
    source = IndexedSource(path, frames, ManualClock())
    assert all("\n" not in text for text in source.warnings)
    count = 0
    while count < MOST_FRAMES and (frame := outcome(source.read, 0.0)) is not None:
        assert frame.shape_px == source.info.shape_px
        count += 1
    source.close()
    return count


@pytest.mark.parametrize("seeds", BATCHES)
def test_any_dicom_file_gives_frames_or_one_of_our_errors(tmp_path, seeds):
    files = {name: write(tmp_path / f"{name}.dcm", dataset).read_bytes() for name, dataset in clips()}
    path = tmp_path / "mutated.dcm"
    counts: dict[str, list[int]] = {name: [] for name in files}
    for seed in seeds:
        name = sorted(files)[seed % len(files)]
        path.write_bytes(mutated(files[name], np.random.default_rng(seed), 1400))
        counts[name].append(read_some(path))
    for name, got in counts.items():
        assert min(got) == 0, name  # some are refused
        assert max(got) > 0, name  # and some still play
    assert max(max(got) for got in counts.values()) == COUNT
