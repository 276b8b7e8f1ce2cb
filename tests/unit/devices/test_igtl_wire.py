"""OpenIGTLink's bytes against pyigtl's messages and the standard's own checksum; and damaged ones."""

import numpy as np
import pytest

from rtguide.recording.igtl_crc import crc64
from rtguide.recording.igtl_wire import (
    HEADER_BYTES,
    content_of,
    parse_header,
    parse_image,
    parse_transform,
)

GREY = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def bit_by_bit(data: bytes) -> int:
    """The checksum as the standard writes it."""
    value = 0
    for byte in data:
        value ^= byte << 56
        for _ in range(8):
            value = (value << 1) ^ (0x142F0E1EBA9EA3693 if value >> 63 else 0)
    return value


@pytest.mark.parametrize("length", [0, 1, 8, 63, 64, 65, 127, 128, 129, 1000, 4097])
def test_the_checksum(length):
    data = np.random.default_rng(length).bytes(length)
    assert crc64(data) == bit_by_bit(data)


def taken_apart(data: bytes):
    """The messages in these bytes: (header, content)."""
    while data:
        header = parse_header(data[:HEADER_BYTES])
        end = HEADER_BYTES + header.body_bytes
        yield header, content_of(header, data[HEADER_BYTES:end])
        data = data[end:]


@pytest.mark.parametrize("version", [1, 2])
def test_what_pyigtl_packs_is_read(version):
    messages = pytest.importorskip("pyigtl.messages")
    for pixels in (GREY[None], COLOUR[None]):
        message = messages.ImageMessage(pixels, np.diag([0.1, 0.2, 1, 1]), timestamp=12.5, device_name="Video")
        message.header_version = version
        message.metadata = {"key": "value"} if version == 2 else {}
        ((header, content),) = taken_apart(message.pack())
        assert (header.kind, header.name, header.time_ns) == ("IMAGE", "Video", 12_500_000_000)
        image = parse_image(content)
        np.testing.assert_array_equal(image.pixels, pixels[0])
        assert image.spacing_mm == pytest.approx((0.1, 0.2))
    matrix = np.random.default_rng(2).normal(size=(4, 4))
    matrix[3] = 0, 0, 0, 1
    ((_, content),) = taken_apart(messages.TransformMessage(matrix, device_name="A").pack())
    assert parse_transform(content) == pytest.approx(matrix, abs=1e-6)
