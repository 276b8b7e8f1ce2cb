"""The matrix of clips as data: its size, even samples, what is wrong in a TOML."""

import re
from collections import Counter
from pathlib import Path

import pytest

from rtguide.errors import ConfigError
from rtguide.phantom import clip_matrix, scenario_names
from rtguide.phantom.clip_matrix import Cell, load_matrix, sampled, standard_matrix

TEXT = """
seconds = 1
scenarios = ["femoral"]
seeds = [{ seed = 1 }]
layouts = [{ name = "bare", width_px = 640, height_px = 480, zoom = 0.6 }]
conditions = [{ name = "clean" }]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_standard_matrix_is_every_scenario_with_a_tip_to_judge_by_three_seeds_two_layouts_and_four_conditions() -> (
    None
):
    cells = standard_matrix().cells()
    needle = [cell for cell in cells if cell.has_needle]
    judged = {name for name in scenario_names() if not name.startswith("femoral-catheter")}
    assert len(judged) == 28
    assert len(needle) == 28 * 3 * 2 * 4
    assert len({cell.name for cell in cells}) == len(cells)
    assert {cell.scenario for cell in needle} == judged
    assert {cell.condition.name for cell in needle} == {"clean", "lossy", "noisy", "15fps"}
    assert all(cell.seconds == 6 and cell.seed < 100 for cell in cells)


def test_every_scenario_fits_on_both_layouts() -> None:
    built = {(c.scenario, c.layout.name): c.build_scenario() for c in standard_matrix().cells()}
    assert len(built) == 56


@pytest.mark.parametrize("count", [14, 28, 56, 140])
def test_a_sample_is_spread_evenly_and_always_the_same(count: int) -> None:
    cells = standard_matrix().cells()
    part = sampled(cells, count)
    needle = [cell for cell in part if cell.has_needle]
    assert len(needle) == count
    assert len(part) - count == -(-count * 224 // 672)
    assert len(set(part)) == len(part)
    assert part == sampled(standard_matrix().cells(), count)
    spread: list[Counter[object]] = [
        Counter(cell.condition.name for cell in needle),
        Counter(cell.layout.name for cell in needle),
        Counter(cell.seed for cell in needle),
        Counter(cell.scenario.endswith("-hard") for cell in needle),
    ]
    for counts, kinds in zip(spread, (4, 2, 3, 2), strict=True):
        assert len(counts) == kinds
        assert max(counts.values()) - min(counts.values()) <= max(3, 0.12 * count)
    scenarios = Counter(cell.scenario for cell in needle)
    assert max(scenarios.values()) - min(scenarios.values()) <= (0 if count % 28 == 0 else 1)


def test_a_sample_of_everything_is_everything() -> None:
    cells = standard_matrix().cells()
    assert sampled(cells, 672) == cells
    assert sampled(cells, 5000) == cells


def test_a_clip_without_a_needle_has_no_injection_either() -> None:
    free = [cell for cell in standard_matrix().cells() if not cell.has_needle]
    assert free
    for cell in free[:: len(free) // 28]:
        scenario = cell.build_scenario()
        assert scenario.needle is None
        assert all(event.kind != "inject" for event in scenario.events)


def test_conditions_and_layouts_reach_the_scenario(tmp_path: Path) -> None:
    text = TEXT.replace('name = "clean"', 'name = "loud", noise_db = 12, lossy = 5, fps = 15')
    (cell,) = load_matrix(written(tmp_path, text)).cells(seed_offset=100)
    scenario = cell.build_scenario()
    assert (scenario.screen.layout, scenario.screen.width_px) == ("bare", 640)
    assert scenario.screen.px_per_mm == pytest.approx(16 * 0.6)
    assert scenario.display.noise_db == pytest.approx(-62.0)
    assert (cell.options.codec, cell.options.quality, cell.condition.fps) == ("lossy", 5, 15)
    assert (cell.seed, cell.name) == (101, "femoral_s101_bare_loud")


def test_the_fingerprint_knows_every_kernel_that_the_phantom_calls() -> None:
    folder = Path(clip_matrix.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    called = set(re.findall(r"^from rtguide\.kernels\.(\w+) import", text, re.MULTILINE))
    assert called == {module.__name__.rpartition(".")[2] for module in clip_matrix.KERNELS}


def test_the_fingerprint_changes_with_the_clip(tmp_path: Path) -> None:
    def only(text: str) -> Cell:
        (cell,) = load_matrix(written(tmp_path, text)).cells()
        return cell

    same, again = only(TEXT), only(TEXT)
    assert same.fingerprint() == again.fingerprint()
    assert only(TEXT.replace("0.6", "0.5")).fingerprint() != same.fingerprint()
    assert only(TEXT.replace("seconds = 1", "seconds = 2")).fingerprint() != same.fingerprint()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("seconds", "secnds"), "did you mean 'seconds'"),
        (("zoom", "zom"), "did you mean 'zoom'"),
        (('"femoral"', '"femorl"'), "there is no scenario 'femorl'"),
        (("seconds = 1", "seconds = 0"), "greater than 0"),
        (("[", "[[["), "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        load_matrix(written(tmp_path, TEXT.replace(*change)))


def test_a_picture_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    (cell,) = load_matrix(written(tmp_path, TEXT.replace("0.6", "2.0"))).cells()
    with pytest.raises(ConfigError, match=r"femoral_s1_bare_clean: .* does not fit .* zoom = 2"):
        cell.build_scenario()
