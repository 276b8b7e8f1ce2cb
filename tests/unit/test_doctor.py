import importlib.metadata
import importlib.util

import pytest

from rtguide.app import doctor, probe, system
from rtguide.app.doctor import Level, examine
from rtguide.app.system import Library
from rtguide.errors import RtguideError


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without trying imports and kernels in other processes, which the last test here does."""
    monkeypatch.setattr(doctor, "probe_import", lambda _module: ("", 0.1, []))
    monkeypatch.setattr(doctor, "probe_kernels", lambda: (None, False, 1.0, ""))
    return monkeypatch


def findings(topic: str) -> list[doctor.Finding]:
    return [finding for finding in examine() if finding.topic == topic]


def test_a_known_bad_version_is_refused_with_its_mend(quick: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        return "6.12.0" if name == "PySide6-Essentials" else real(name)

    quick.setattr(importlib.metadata, "version", version)
    bad = [finding for finding in findings("package") if finding.level is Level.BAD]
    assert [finding.found.split(":")[0] for finding in bad] == ["PySide6-Essentials 6.12.0"]
    assert "pip install" in bad[0].mend


def test_a_missing_package_is_named(quick: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "av":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    quick.setattr(importlib.metadata, "version", version)
    assert "av is not installed" in [finding.found for finding in findings("package") if finding.level is Level.BAD]


def test_another_distribution_with_our_names_is_found(quick: pytest.MonkeyPatch) -> None:
    claims = {"devices": ["rtguide", "smart-home-devices"], "calibration": ["rtguide"]}
    quick.setattr(importlib.metadata, "packages_distributions", lambda: claims)
    levels = {finding.found.split()[0]: finding for finding in findings("names")}
    assert levels["devices"].level is Level.BAD
    assert "smart-home-devices" in levels["devices"].mend
    assert levels["calibration"].level is Level.OK


def test_missing_libraries_are_named_by_debian_package_in_one_line(quick: pytest.MonkeyPatch) -> None:
    quick.setattr(system, "OFFSCREEN", (Library("libnothing.so.9", "libnothing9"), *system.OFFSCREEN))
    quick.setattr("sys.platform", "linux")
    found = findings("libraries")[0]
    assert found.level is Level.BAD
    assert "apt install" in found.mend
    assert "libnothing9" in found.mend
    with pytest.raises(RtguideError, match="libnothing9") as error:
        system.require_libraries(is_windowed=False)
    assert "\n" not in str(error.value)


def test_no_display_is_a_warning_with_a_way_out(quick: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        quick.delenv(name, raising=False)
    assert findings("display")[0].level is Level.WARNING
    quick.setenv("QT_QPA_PLATFORM", "offscreen")
    assert findings("display")[0].level is Level.OK


def test_a_module_that_fails_to_import_is_found_in_another_process() -> None:
    problem, _, _ = probe.probe_import("no_such_module_anywhere")
    assert "ModuleNotFoundError" in problem
    problem, seconds, changed = probe.probe_import("rtguide.opencv")
    assert (problem, changed) == ("", [])
    assert seconds > 0
    assert importlib.util.find_spec("rtguide.opencv") is not None
