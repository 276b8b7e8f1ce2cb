"""Finds devices, trackers, calibrations and sinks by entry point, and opens source addresses with them."""

from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from rtguide.calibration_ports import ChangeWatch, TrackedMethod
from rtguide.clock import Clock
from rtguide.errors import ConfigError, DeviceError
from rtguide.model.address import SourceAddress, parse_address
from rtguide.ports import CalibrationMethod, Device, DeviceListing, FrameSource, OpenContext, Publisher, Tracker
from rtguide.side_ports import SideChannel, SideDevice

__all__ = [
    "calibration_method",
    "connected",
    "default_tracker",
    "devices",
    "make_tracker",
    "make_watch",
    "names",
    "open_publisher",
    "open_side",
    "open_source",
    "side_devices",
    "tracked_method",
]

_PLUGGED = ("grabber",)
"""Devices whose list is what is plugged in, not what could be written."""

HEAD_BYTES = 4096
"""How much of a file's beginning a device may look at to judge whether it reads it."""


@cache
def registered(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of `rtguide.GROUP`. Looked up once: it reads the metadata of every installed package."""
    return tuple(entry_points(group=f"rtguide.{group}"))


def names(group: str) -> tuple[str, ...]:
    """The names registered in `rtguide.GROUP` (devices, calibrations, trackers, sinks)."""
    return tuple(sorted(entry.name for entry in registered(group)))


def devices() -> dict[str, Device]:
    """Every registered device, by name."""
    return {name: _load("devices", name)() for name in names("devices")}


def connected() -> list[DeviceListing]:
    """What is plugged into this machine and gives pictures, each as it opens unasked; takes up to seconds."""
    listings = [listing for name in _PLUGGED if name in names("devices") for listing in devices()[name].list()]
    return [listing for listing in listings if not listing.is_pattern and "?" not in listing.address]


def side_devices() -> dict[str, SideDevice]:
    """Every registered way of opening a side channel, by name."""
    return {name: _load("sides", name)() for name in names("sides")}


def default_tracker() -> str:
    """The tracker that every command uses, unless another is asked for."""
    return "learned"


def make_tracker(name: str | None = None) -> Tracker:
    """A fresh tracker: this one, or the default."""
    tracker: Tracker = _load("trackers", name or default_tracker())()
    return tracker


def make_watch() -> ChangeWatch | None:
    """A fresh watch over the screen; None where none is installed."""
    known = names("watches")
    watch: ChangeWatch | None = _load("watches", known[0])() if known else None
    return watch


def tracked_method(name: str) -> TrackedMethod:
    """A calibration method of a tracked probe or tool."""
    method: TrackedMethod = _load("tracked_calibrations", name)()
    return method


def calibration_method(name: str) -> CalibrationMethod:
    """A calibration method."""
    method: CalibrationMethod = _load("calibrations", name)()
    return method


def open_source(text: str, clock: Clock, *, is_paced: bool) -> FrameSource:
    """Open a source address.

    Raises
    ------
    ConfigError
        The address is written wrongly, or no one device or more than one claims it.
    DeviceError
        It cannot be opened.
    """
    device = _device_of_scheme(text.partition(":")[0])
    if device is not None:
        address = parse_address(text, frozenset({text.partition(":")[0]}))
    else:
        known = devices()
        address = parse_address(text, frozenset(name for name, other in known.items() if other.takes_scheme))
        device = _device_for_path(address, known)
    open_nested = partial(open_source, clock=clock, is_paced=False)
    return device.open(address, OpenContext(clock, is_paced, open_nested))


def open_publisher(address: str, clock: Clock) -> Publisher:
    """Begin to serve scenes at this address; the sink registered under its scheme does it.

    Raises
    ------
    ConfigError
        The address is written wrongly, or nothing serves its scheme.
    RecordingError
        It cannot be served, e.g. because the port is taken.
    """
    scheme = address.partition(":")[0]
    sink = _load("sinks", scheme) if scheme in names("sinks") else None
    if sink is None or not hasattr(sink, "client_count"):
        raise ConfigError(f"{address!r} cannot be served; write igtl://:18944, or igtl://0.0.0.0:18944 for others")
    publisher: Publisher = sink(address, clock)
    return publisher


def open_side(text: str, clock: Clock) -> SideChannel:
    """Open the address of a side channel: one of its own schemes, or any source of pictures, e.g. a second camera.

    Raises
    ------
    ConfigError
        The address is written wrongly, or nothing opens it.
    DeviceError
        It cannot be opened.
    """
    scheme = text.partition(":")[0]
    if scheme not in names("sides"):
        from rtguide.pipeline.sides import SideVideo  # noqa: PLC0415 - the command line starts without PyAV

        return SideVideo(open_source(text, clock, is_paced=True))
    side: SideDevice = _load("sides", scheme)()
    return side.open(parse_address(text, frozenset({scheme})), clock)


def _load(group: str, name: str) -> Any:
    found: list[EntryPoint] = [entry for entry in registered(group) if entry.name == name]
    if not found:
        have = ", ".join(names(group)) or "none: install rtguide with pip"
        raise ConfigError(f"there is no {name!r} among the registered {group}; there are: {have}")
    if len({entry.value for entry in found}) > 1:
        claims = ", ".join(sorted(entry.value for entry in found))
        raise ConfigError(f"{name!r} is registered more than once among {group}: {claims}; uninstall one")
    try:
        return found[0].load()
    except ModuleNotFoundError as error:
        mend = f"reinstall or uninstall the package that brings {found[0].value}"
        raise ConfigError(f"{name!r} among the registered {group} cannot be loaded ({error}); {mend}") from error


def _device_of_scheme(name: str) -> Device | None:
    """The device whose addresses begin with `name:`; loads no other, so that a start stays quick."""
    if name not in names("devices"):
        return None
    device: Device = _load("devices", name)()
    return device if device.takes_scheme else None


def _device_for_path(address: SourceAddress, known: dict[str, Device]) -> Device:
    """The device that reads this path best."""
    path = Path(address.body)
    try:
        if not path.exists():
            raise DeviceError(f"{path}: there is no such file or folder; check the spelling")
        head = b""
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
    except OSError as error:
        raise DeviceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    scores = {name: device.sniff(path, head) for name, device in known.items()}
    best = max(scores.values(), default=0)
    winners = sorted(name for name, score in scores.items() if score == best)
    if best <= 0:
        if path.is_file() and not head:
            raise DeviceError(f"{path}: the file is empty; copy it again from where it was recorded")
        what = "folder is no session and holds no images" if path.is_dir() else "file is no video or image"
        raise DeviceError(f"{path}: this {what} that rtguide can read; `rtguide devices` lists what can be opened")
    if len(winners) > 1:
        raise ConfigError(f"{path}: claimed equally by the devices {', '.join(winners)}; uninstall all but one")
    return known[winners[0]]
