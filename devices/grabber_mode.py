"""What a grabber can do, what is asked of it, what it does: sizes, rates, pixel formats."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtguide.errors import ConfigError
from rtguide.model.address import SourceAddress

__all__ = ["FORMATS", "Grabber", "Mode", "Wish", "choose", "difference", "parse_wish"]

FORMATS = ("YUYV", "UYVY", "NV12", "GREY", "RGB3", "BGR3", "MJPG")
"""Pixel formats that can be read, the best first: uncompressed before motion JPEG, whose artefacts blur speckle."""

_SIZE = re.compile(r"(\d{2,5})[x×](\d{2,5})")
LARGEST_PX = 1920 * 1080
"""Nothing larger is chosen unasked: no scanner's screen shows more, and cheap grabbers blow smaller ones up to it."""

SLOWEST_HZ = 24.0
"""A slower mode is chosen unasked only where there is none else: the tracker needs 20 pictures a second."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of sending. size_px: (width, height) · rate_hz: None where unknown · form: four letters."""

    size_px: tuple[int, int]
    rate_hz: float | None
    form: str
    is_interlaced: bool = False

    def __str__(self) -> str:
        rate = "" if self.rate_hz is None else f" at {self.rate_hz:.4g}/s"
        return f"{self.size_px[0]}×{self.size_px[1]}{rate} {self.form}{' interlaced' if self.is_interlaced else ''}"


@dataclass(frozen=True, slots=True)
class Grabber:
    """A device that is there. place: how the system reaches it (`/dev/video0`, a number) · bus: where it is plugged in.

    modes: empty where the system cannot list them · inputs: names of its sockets.
    """

    name: str
    place: str
    bus: str = ""
    modes: tuple[Mode, ...] = ()
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; None where it leaves the choice."""

    size_px: tuple[int, int] | None = None
    rate_hz: float | None = None
    form: str | None = None
    input_name: str | None = None


def parse_wish(address: SourceAddress) -> Wish:
    """The options of a `grabber:` address.

    Raises
    ------
    ConfigError
        An option is unknown or written wrongly.
    """
    address.refuse_unknown_options(("size", "fps", "format", "input"))
    size_px = None
    if "size" in address.options:
        match = _SIZE.fullmatch(address.options["size"].lower())
        if match is None:
            raise ConfigError(f"size={address.options['size']} in {address.text!r}: write e.g. size=1920x1080")
        size_px = (int(match.group(1)), int(match.group(2)))
    form = address.options.get("format")
    if form is not None:
        form = {"MJPEG": "MJPG", "JPEG": "MJPG"}.get(form.upper(), form.upper())
        if form not in FORMATS:
            raise ConfigError(f"format={form} in {address.text!r}: choose one of {', '.join(FORMATS)}")
    rate_hz = address.number("fps", 0.0, 1.0, 480.0) if "fps" in address.options else None
    return Wish(size_px, rate_hz, form, address.options.get("input"))


def choose(modes: Sequence[Mode], wish: Wish) -> Mode | None:
    """The mode that fits the wish best; None where none can be read.

    What is asked for comes first; then a size up to 1920×1080 at 24/s at least, the largest, uncompressed where that
    is as fast, the fastest.
    """
    readable = [mode for mode in modes if mode.form in FORMATS]

    def merit(mode: Mode) -> tuple[float, ...]:
        width, height = mode.size_px
        rate_hz = mode.rate_hz or SLOWEST_HZ
        wanted_hz = wish.rate_hz or 60.0
        area = width * height
        apart = 0.0 if wish.size_px is None else abs(width - wish.size_px[0]) + abs(height - wish.size_px[1])
        return (
            -apart,
            wish.form is None or mode.form == wish.form,
            wish.size_px is not None or area <= LARGEST_PX,
            rate_hz >= min(SLOWEST_HZ, wanted_hz),
            area,
            -abs(min(rate_hz, wanted_hz) - wanted_hz) // 10,
            not mode.is_interlaced,
            -FORMATS.index(mode.form),
            -abs(rate_hz - wanted_hz),
        )

    return max(readable, key=merit, default=None)


def difference(wish: Wish, got: Mode) -> str | None:
    """What the grabber does otherwise than it was asked to, in one line; None where all is as wished."""
    parts = []
    if wish.size_px is not None and wish.size_px != got.size_px:
        parts.append(f"{got.size_px[0]}×{got.size_px[1]} instead of {wish.size_px[0]}×{wish.size_px[1]}")
    if wish.rate_hz is not None and got.rate_hz is not None and abs(got.rate_hz / wish.rate_hz - 1) > 0.01:
        parts.append(f"{got.rate_hz:.4g}/s instead of {wish.rate_hz:.4g}/s")
    if wish.form is not None and wish.form != got.form:
        parts.append(f"{got.form} instead of {wish.form}")
    return f"sends {', '.join(parts)}; `rtguide devices` lists its modes" if parts else None
