"""The user's alarm limits: a file that says what is wrong with it."""

from pathlib import Path

import pytest

from rtguide.app.limits import read_limits
from rtguide.errors import ConfigError
from rtguide.model.limits import AlarmLimits


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("overshoot_mm = 8\ndisk_low_s = 60.0\n")
    assert read_limits(path) == AlarmLimits(overshoot_mm=8.0, disk_low_s=60.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("overshot_mm = 8", "unknown key 'overshot_mm', did you mean 'overshoot_mm'"),
        ("overshoot_mm = 0", "overshoot_mm = 0: give a number above 0"),
        ("overshoot_mm = nan", "give a number above 0"),
        ("overshoot_mm = true", "overshoot_mm = True: give a number"),
        ("overshoot_mm =", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says):
        read_limits(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        read_limits(tmp_path / "nowhere.toml")
