"""Folders of pictures in natural order, and single pictures: PNG, JPEG, TIFF, BMP."""

from collections.abc import Sequence
from pathlib import Path

from rtguide.model.address import SourceAddress
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.image_frames import IMAGE_SUFFIXES, ImageFrames, image_files
from rtguide.recording.indexed_source import IndexedSource
from rtguide.recording.pacing import paced_if_asked

__all__ = ["ImagesDevice"]

_HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM")
"""What PNG, JPEG, TIFF, BigTIFF (each in both byte orders) and BMP files begin with."""


class ImagesDevice:
    """Opens pictures, and folders of them, by their path."""

    takes_scheme = False

    def sniff(self, path: Path, head: bytes) -> int:
        """Sure of a picture by content and name, fairly by its name; fairly of a folder that holds some."""
        if path.is_dir():
            try:
                return 50 if image_files(path) else 0
            except OSError:
                return 0
        is_named = path.suffix.lower() in IMAGE_SUFFIXES
        if head.startswith(_HEADS):
            return 85 if is_named else 10
        return 60 if is_named else 0

    def list(self) -> Sequence[DeviceListing]:
        """The suffixes that it reads."""
        about = f"picture, or folder of pictures: {' '.join(sorted(IMAGE_SUFFIXES))}"
        return (DeviceListing("PATH", about, is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open what is at the address."""
        path = Path(address.body)
        return paced_if_asked(IndexedSource(path, ImageFrames(path), context.clock), context)
