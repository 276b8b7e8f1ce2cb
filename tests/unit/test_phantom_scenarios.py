"""Scenarios are data: read, checked, refused with the line and the mend."""

import pytest

from rtguide.errors import ConfigError
from rtguide.phantom import load_scenario, parse_scenario, scenario_names

MINIMAL = """
name = "x"
title = "X"
summary = "x"

[[layers]]
kind = "muscle"
"""


def test_every_scenario_reads_and_is_named_as_its_file() -> None:
    assert "femoral" in scenario_names()
    for name in scenario_names():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.sources, f"{name} cites no source for its depths"


def test_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'femorall' \(did you mean femoral\?\); there are: .*femoral"):
        load_scenario("femorall")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL + "brightnes_db = 3\n", r"x.toml, line 8: unknown key 'brightnes_db'"),
        (MINIMAL + "fascia_bd = 3\n", r"did you mean 'fascia_db'\?"),
        (MINIMAL + "[probe]\ndepth_mm = 900\n", r"line 9: probe.depth_mm: .*less than or equal to 200"),
        (MINIMAL.replace('title = "X"\n', ""), r"the key 'title' is missing"),
        (MINIMAL.replace("[[layers]]", "[layers"), r"not valid TOML.*line 6"),
        (
            MINIMAL + '[[structures]]\nname = "n"\nkind = "artery"\ncentre_mm = [0, 80]\nradii_mm = [3, 3]\n',
            r"n lies at 80 mm, outside the picture",
        ),
        (
            MINIMAL + "[needle]\nskin_mm = [0, 0]\nangle_deg = 20\nstart_mm = 1\nlength_mm = 20\n"
            "[[needle.steps]]\nseconds = 1\ninserted_mm = 30\n",
            r"reaches 30, the needle is only length_mm = 20 long",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_the_mend(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_scenario(text, "x.toml")


def test_minimal_scenario_is_enough() -> None:
    assert parse_scenario(MINIMAL, "x.toml").needle is None
