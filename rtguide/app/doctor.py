"""`rtguide doctor`: whether this machine can run rtguide, and what to do where it cannot. Needs neither cv2 nor Qt."""

import importlib.metadata
import itertools
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from rtguide.app.probe import probe_import, probe_kernels
from rtguide.app.system import apt_line, has_display, missing_libraries

__all__ = ["Finding", "Level", "as_json", "examine"]


class Level(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. mend: what to do; empty when there is nothing to do."""

    topic: str
    level: Level
    found: str
    mend: str = ""


KNOWN_BAD = {"PySide6-Essentials": ("6.12.0", "it aborts the interpreter after a few thousand calls")}
"""Distribution → first known-bad version and why. Seen with Python 3.11; see docs/dependencies.md."""

DISK_BYTES = 32 * 2**20
"""Written once to measure the disk: a third of a second of 1080p RGB."""

RECORDING_BYTES_S = 30e6
"""What recording needs at the most: FFV1 halves 640×640 RGB at 60 frames/s (74 MB/s) at least."""


def examine() -> tuple[Finding, ...]:
    """Look at everything."""
    topics: tuple[Callable[[], list[Finding]], ...] = (
        _python,
        _packages,
        _names,
        _libraries,
        _display,
        _imports,
        _kernels,
        _disk,
        _clock,
    )
    return tuple(finding for topic in topics for finding in topic())


def as_json(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The findings as JSON values."""
    return {"healthy": not any(f.level is Level.BAD for f in findings), "findings": [asdict(f) for f in findings]}


def _python() -> list[Finding]:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return [Finding("python", Level.OK, found)]


def _packages() -> list[Finding]:
    findings = []
    for text in importlib.metadata.requires("rtguide") or []:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        findings.append(_package(requirement))
    return findings


def _package(requirement: Requirement) -> Finding:
    name = requirement.name
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding("package", Level.BAD, f"{name} is not installed", f'pip install "{requirement}"')
    bad_from, why = KNOWN_BAD.get(name, ("", ""))
    if bad_from and Version(version) >= Version(bad_from):
        mend = f'pip install "{requirement}"'
        return Finding("package", Level.BAD, f"{name} {version}: {why}", mend)
    if not requirement.specifier.contains(version, prereleases=True):
        mend = f'pip install "{requirement}"'
        return Finding("package", Level.BAD, f"{name} {version} does not fit {requirement.specifier}", mend)
    return Finding("package", Level.OK, f"{name} {version}")


def _names() -> list[Finding]:
    """Whether another distribution claims our import names."""
    claims = importlib.metadata.packages_distributions()
    findings = []
    for name in ("devices", "calibration"):
        others = sorted({distribution for distribution in claims.get(name, []) if distribution != "rtguide"})
        spec = find_spec(name)
        where = str(Path(spec.origin).parent) if spec is not None and spec.origin else "nowhere"
        if others:
            mend = f"uninstall {', '.join(others)}, or give rtguide a virtual environment of its own"
            findings.append(Finding("names", Level.BAD, f"{name} is also claimed by {', '.join(others)}", mend))
        elif spec is None:
            findings.append(Finding("names", Level.BAD, f"{name} cannot be imported", "install rtguide again"))
        else:
            findings.append(Finding("names", Level.OK, f"{name} is ours ({where})"))
    return findings


def _libraries() -> list[Finding]:
    missing = missing_libraries(is_windowed=True)
    if not missing:
        return [Finding("libraries", Level.OK, "all system libraries for OpenCV and Qt are there")]
    found = ", ".join(f"{library.file_name} ({library.debian_package})" for library in missing)
    return [Finding("libraries", Level.BAD, f"missing: {found}", f"on Debian or Ubuntu: {apt_line(missing)}")]


def _display() -> list[Finding]:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
    variables = ", ".join(f"{name}={os.environ[name]}" for name in names if os.environ.get(name)) or "none set"
    if has_display():
        return [Finding("display", Level.OK, f"windows can be shown ({variables})")]
    mend = "log in to a desktop, set DISPLAY, or use commands without a window (demo --headless, track)"
    return [Finding("display", Level.WARNING, f"no display ({variables})", mend)]


def _imports() -> list[Finding]:
    findings = []
    for module, name in (("rtguide.opencv", "OpenCV"), ("PySide6.QtWidgets", "Qt"), ("av", "PyAV")):
        problem, seconds, changed = probe_import(module)
        if problem:
            findings.append(Finding("import", Level.BAD, f"{name}: {problem}", "see the libraries and packages above"))
        elif changed:
            mend = "report this: importing OpenCV must leave Qt's variables as they were"
            findings.append(Finding("import", Level.BAD, f"{name} changed {', '.join(changed)}", mend))
        else:
            findings.append(Finding("import", Level.OK, f"{name} imports in {seconds:.2f} s"))
    return findings


def _kernels() -> list[Finding]:
    folder, was_cached, seconds, problem = probe_kernels()
    if problem:
        return [Finding("kernels", Level.BAD, problem, "reinstall numba in the version that constraints.txt names")]
    if folder is None:
        mend = "set NUMBA_CACHE_DIR to a folder you may write to; until then every start compiles anew"
        return [Finding("kernels", Level.WARNING, f"no writable cache folder; warm-up takes {seconds:.1f} s", mend)]
    state = "cached" if was_cached else "compiled now"
    return [Finding("kernels", Level.OK, f"{state}, warm-up {seconds:.1f} s, cache in {folder}")]


def _disk() -> list[Finding]:
    folder = Path.cwd()
    free = shutil.disk_usage(folder).free
    block = os.urandom(2**20)
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            begin = time.perf_counter()
            for _ in range(DISK_BYTES // len(block)):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            rate = DISK_BYTES / (time.perf_counter() - begin)
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror})"
        return [Finding("disk", Level.WARNING, found, "record into a folder you may write to")]
    found = f"{folder}: {rate / 1e6:.0f} MB/s, {free / 1e9:.1f} GB free"
    if rate < RECORDING_BYTES_S or free < 600 * RECORDING_BYTES_S:
        mend = "record onto a faster disk, or free at least 18 GB for ten minutes of colour video"
        return [Finding("disk", Level.WARNING, found, mend)]
    return [Finding("disk", Level.OK, found)]


def _clock() -> list[Finding]:
    resolution_ns = time.get_clock_info("monotonic").resolution * 1e9
    steps = [time.monotonic_ns() for _ in range(2000)]
    smallest = min((b - a for a, b in itertools.pairwise(steps) if b > a), default=0)
    found = f"monotonic clock: resolution {resolution_ns:.0f} ns, smallest step seen {smallest} ns"
    if smallest > 1_000_000:
        return [Finding("clock", Level.WARNING, found, "frame ages will be coarse; update the operating system")]
    return [Finding("clock", Level.OK, found)]
