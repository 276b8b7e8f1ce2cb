"""Scenarios of one's own: opened by path, described completely, and the page about them tells the truth."""

import re
from pathlib import Path

import pytest

from rtguide.errors import ConfigError
from rtguide.phantom import Phantom, load_scenario, parse_scenario
from rtguide.phantom.scenario_reference import TABLES, meanings, scenario_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_page_lists_every_key_as_it_is() -> None:
    assert TEXT.endswith(scenario_reference()), "run: python docs/make_scenario_reference.py"


@pytest.mark.parametrize(("heading", "model"), TABLES, ids=[heading for heading, _ in TABLES])
def test_every_key_has_a_meaning(heading: str, model: type) -> None:
    told = meanings(model)
    untold = [key for key in model.model_fields if not told.get(key) and key != "kind"]
    assert not untold, f"{heading}: say in the docstring of {model.__name__} what these mean"
    assert set(told) <= set(model.model_fields), "and nothing of keys that are not there"


def test_examples_of_the_page_can_be_drawn() -> None:
    assert len(EXAMPLES) == 2
    for text in EXAMPLES:
        phantom = Phantom(parse_scenario(text, "my.toml"), seed=1, rate_hz=10.0)
        pixels, truth = phantom.frame(30)
        assert pixels.std() > 10
    assert truth.needle is not None
    assert truth.needle.is_in_view
    hard = parse_scenario(EXAMPLES[1], "my.toml", is_hard=True)
    assert hard.needle is not None
    assert hard.needle.brightness_db == 5


def test_a_mistake_is_refused_as_the_page_says() -> None:
    said = next(line for line in TEXT.splitlines() if line.startswith("my.toml, line"))
    wrong = EXAMPLES[1].replace("bottom_mm = 1.5", "botom_mm = 1.5")
    with pytest.raises(ConfigError) as caught:
        parse_scenario(wrong, "my.toml")
    assert str(caught.value).startswith(said.removesuffix("…").strip())


def test_a_file_is_opened_by_its_path_and_its_hard_variant_too(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(EXAMPLES[1], encoding="utf-8")
    assert load_scenario(str(path)).name == "first"
    hard = load_scenario(f"{path}-hard")
    assert hard.name == "first-hard"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the scenario .*none.toml cannot be read .*give the path of a TOML file"):
        load_scenario(str(tmp_path / "none.toml"))
