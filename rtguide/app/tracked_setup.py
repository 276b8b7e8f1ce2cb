"""The user's tracked probe and needle: one TOML file, and the needle that a source's transforms give with it."""

from collections.abc import Callable
from pathlib import Path

from rtguide.app.user_files import check_keys, read_toml, user_path
from rtguide.calibration_ports import PosedSource
from rtguide.clock import Clock
from rtguide.errors import ConfigError, RecordingError
from rtguide.model.pose import TrackedFrame
from rtguide.model.tracked_needle import TrackedNeedle, TrackedSetup, place_needle
from rtguide.ports import FrameSource
from rtguide.recording.values_json import from_json

__all__ = ["needle_of", "read_setup", "setup_path", "usual_setup"]

OLDEST_S = 0.5
"""A pose that is older is no longer drawn: the tool has left the tracker's view."""


def setup_path() -> Path:
    """Where the file is looked for; it need not exist."""
    return user_path("tracked-needle.toml")


def usual_setup() -> TrackedSetup | None:
    """The user's own setup; None where there is none."""
    path = setup_path()
    return read_setup(path) if path.is_file() else None


def read_setup(path: Path) -> TrackedSetup:
    """The setup in a file.

    Raises
    ------
    ConfigError
        It cannot be read or makes no sense.
    """
    data = read_toml(path, "the file of a tracked needle")
    check_keys(data, TrackedSetup.__slots__, path)
    try:
        return from_json(TrackedSetup, data)
    except (RecordingError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path}: is no setup of a tracked needle ({error}); it needs probe_from_image (three rows of four "
            "numbers) and tip_mm (three)"
        ) from error


def needle_of(
    setup: TrackedSetup | None, source: FrameSource, clock: Clock
) -> Callable[[], TrackedNeedle | None] | None:
    """What gives the tracked needle of this moment; None without a setup, or for a source that has no transforms."""
    if setup is None or not isinstance(source, PosedSource):
        return None
    posed = source

    def now() -> TrackedNeedle | None:
        oldest_ns = clock.now_ns() - int(OLDEST_S * 1e9)
        newest = {name: posed.transform(name) for name in posed.transform_names()}
        fresh = {name: t.matrix for name, t in newest.items() if t is not None and t.t_capture_ns >= oldest_ns}
        pose = TrackedFrame(clock.now_ns() / 1e9, None, fresh).between(setup.needle, setup.probe)
        return None if pose is None else place_needle(setup, pose)

    return now
