"""Every error rtguide raises on purpose, one class for each thing the user can do next.

A message names what was found, what was wanted and what to do.
"""

__all__ = [
    "CalibrationError",
    "ConfigError",
    "DeviceError",
    "GeometryError",
    "RecordingError",
    "RtguideError",
    "SourceEnded",
]


class RtguideError(Exception):
    """Root of all errors that are shown to a user as one line, never as a traceback."""


class DeviceError(RtguideError):
    """A source cannot be opened or read: check the address, the cable, the file.

    `is_passing` is true where the reason may pass by itself (busy, unplugged, no signal): a live window opens it again.
    """

    def __init__(self, message: str = "", *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class SourceEnded(RtguideError):  # noqa: N818 - the end of a recording is an outcome, not a fault
    """The source has no more frames. Not a fault: a recording ends.

    `is_damaged` is true where the recording stopped before its proper end; the message then says where.
    """

    def __init__(self, message: str = "the recording has ended", *, is_damaged: bool = False) -> None:
        super().__init__(message)
        self.is_damaged = is_damaged


class GeometryError(RtguideError):
    """A value that describes space (a region, a scale, an outline) is impossible."""


class CalibrationError(RtguideError):
    """A calibration cannot be made from what was given: the message says what was missing."""


class RecordingError(RtguideError):
    """A session folder cannot be written or read: check the disk, the folder, its version."""


class ConfigError(RtguideError):
    """A setting, an argument or an address is wrong: the message says how to write it."""
