"""DICOM images and clips: ultrasound with its own scale, anything else as plain pictures."""

from collections.abc import Sequence
from pathlib import Path

from rtguide.model.address import SourceAddress
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.indexed_source import IndexedSource
from rtguide.recording.pacing import paced_if_asked

__all__ = ["DicomDevice"]

_SUFFIXES = frozenset((".dcm", ".dicom", ".dic", ".ima"))
_PREAMBLE_BYTES, _MARK = 128, b"DICM"
"""What a DICOM file begins with (PS3.10 7.1)."""

_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00")
"""The groups that old files without that mark begin with, little endian."""


class DicomDevice:
    """Opens DICOM files by their path."""

    takes_scheme = False

    def sniff(self, path: Path, head: bytes) -> int:
        """Sure of files that carry DICOM's mark; fairly of its suffixes, and of old files that begin as one would."""
        if path.is_dir():
            return 0
        if head[_PREAMBLE_BYTES : _PREAMBLE_BYTES + len(_MARK)] == _MARK:
            return 95
        is_named = path.suffix.lower() in _SUFFIXES
        if is_named:
            return 65
        return 20 if head[:2] in _FIRST_GROUPS and head[2:4] < b"\x20\x00" else 0

    def list(self) -> Sequence[DeviceListing]:
        """The suffixes that it reads, and files of any name that hold DICOM."""
        about = f"DICOM image or clip: {' '.join(sorted(_SUFFIXES))}, or any name"
        return (DeviceListing("PATH", about, is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open the file at the address."""
        # pydicom takes half a second to import, which opening a video should not cost.
        from rtguide.recording.dicom_clip import open_clip  # noqa: PLC0415

        path = Path(address.body)
        return paced_if_asked(IndexedSource(path, open_clip(path), context.clock), context)
