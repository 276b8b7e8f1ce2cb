"""Blinded sheets and reference bands."""

import pytest

from rtguide.errors import ConfigError
from rtguide.training.bands import bands_of
from rtguide.training.rating import agreement_of_raters, blank_sheet, codes_for, read_sheet
from rtguide.training.rubric import CheckKind, read_rubric
from rtguide.training.skill import Figure, Skill

RUBRIC = read_rubric(None)
NAMES = [f"2026-01-0{n}-heron" for n in range(1, 7)]


def sheet_of(scales, flags):
    return {
        name: {i.key: scale if i.kind is CheckKind.SCALE else flag for i in RUBRIC.checklist}
        for name, scale, flag in zip(NAMES, scales, flags, strict=True)
    }


def test_codes_tell_nothing_and_differ_from_rater_to_rater():
    one, other = codes_for(NAMES, "a"), codes_for(NAMES, "b")
    assert sorted(one.values()) == sorted(other.values()) == NAMES
    assert one != other
    assert one == codes_for(NAMES, "a")
    assert not any("heron" in code or "2026" in code for code in one)
    sheet = blank_sheet(RUBRIC, list(one), "a")
    assert not any(name in sheet for name in NAMES)


def test_a_sheet_is_read_when_every_answer_is_there(tmp_path):
    path = tmp_path / "sheet.toml"
    blank = blank_sheet(RUBRIC, ["clip-100"], "a")
    path.write_text(blank)
    with pytest.raises(ConfigError, match="takes 1 to 5"):
        read_sheet(path, RUBRIC)
    filled = blank
    for item in RUBRIC.checklist:
        filled = filled.replace(f'{item.key} = "?"', f"{item.key} = {'4' if item.kind is CheckKind.SCALE else 'true'}")
    path.write_text(filled)
    assert read_sheet(path, RUBRIC)["clip-100"]["tissue"] == 4
    path.write_text(filled.replace("tissue = 4", "tissue = 6"))
    with pytest.raises(ConfigError, match="tissue takes 1 to 5"):
        read_sheet(path, RUBRIC)
    path.write_text("tissue = 4\n" + filled)
    with pytest.raises(ConfigError, match="outside a clip"):
        read_sheet(path, RUBRIC)
    path.write_text(filled.replace("probe_moved = true", "probe_moved = 1"))
    with pytest.raises(ConfigError, match="true or false"):
        read_sheet(path, RUBRIC)


def test_agreement_is_told_item_by_item_and_in_all():
    one = sheet_of([1, 2, 3, 4, 5, 3], [True, True, False, False, True, False])
    other = sheet_of([2, 2, 3, 4, 4, 3], [True, False, False, False, True, False])
    told = {item.key: item for item in agreement_of_raters(RUBRIC, one, other)}
    assert told["overall"].icc is not None
    assert 0.7 < told["overall"].icc.value < 1.0
    assert told["overall"].icc.low < told["overall"].icc.value < told["overall"].icc.high
    assert told["probe_moved"].kappa == pytest.approx(2 / 3)
    assert told["total"].icc is not None
    assert told["total"].recordings == 6


def test_bands_are_of_what_was_measured():
    skills = [Skill((Figure("path_mm", value), Figure("passes", None)), (), ()) for value in (20.0, 30.0, 25.0)]
    assert bands_of(skills).keys() == {"path_mm"}
    band = bands_of(skills)["path_mm"]
    assert (band.low, band.median, band.high, band.count) == (20.0, 25.0, 30.0, 3)
    many = bands_of([Skill((Figure("path_mm", float(n)),), (), ()) for n in range(101)])["path_mm"]
    assert (many.low, many.high) == (10.0, 90.0)
