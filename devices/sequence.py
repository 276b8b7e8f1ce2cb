"""Tracked sequences of the PLUS toolkit, IGSIO and 3D Slicer: `.mha`, `.igs.mha`, `.nrrd`, `.igs.nrrd`, `.seq.nrrd`."""

from collections.abc import Sequence
from pathlib import Path

from rtguide.model.address import SourceAddress
from rtguide.ports import DeviceListing, FrameSource, OpenContext
from rtguide.recording.indexed_source import IndexedSource
from rtguide.recording.pacing import paced_if_asked
from rtguide.recording.sequence_clip import SequenceClip

__all__ = ["SequenceDevice"]

_SUFFIXES = frozenset((".mha", ".nrrd"))
_NRRD, _META = b"NRRD00", b"ObjectType = Image"


class SequenceDevice:
    """Opens sequences by their path. Their transforms are those of `SequenceClip` (`IndexedSource.frames`)."""

    takes_scheme = False

    def sniff(self, path: Path, head: bytes) -> int:
        """Sure by what a file begins with, fairly by its name."""
        if path.is_dir():
            return 0
        if head.startswith(_NRRD) or (_META in head[:200] and b"DimSize" in head):
            return 90
        return 65 if path.suffix.lower() in _SUFFIXES else 0

    def list(self) -> Sequence[DeviceListing]:
        """The suffixes that it reads."""
        return (DeviceListing("PATH", "tracked sequence: .mha .igs.mha .nrrd .igs.nrrd .seq.nrrd", is_pattern=True),)

    def open(self, address: SourceAddress, context: OpenContext) -> FrameSource:
        """Open the file at the address."""
        path = Path(address.body)
        return paced_if_asked(IndexedSource(path, SequenceClip(path), context.clock), context)
