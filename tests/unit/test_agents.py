"""The user's agents: refused with a reason, added up as fractions over agents and sites, never guessed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtguide.app.agents import read_agents
from rtguide.errors import ConfigError
from rtguide.model.agent import Agent, Given, dose_sum

GOOD = """
[[agents]]
name = "A 0.5 %"
mg_per_ml = 5
max_mg_per_kg = 2.5
max_mg = 150
source = "our department"

[[agents]]
name = "B 1 %"
mg_per_ml = 10
max_mg = 400
source = "a textbook, page 3"
"""


@pytest.fixture
def agents(tmp_path: Path) -> tuple[Agent, ...]:
    path = tmp_path / "agents.toml"
    path.write_text(GOOD)
    return read_agents(path)


def test_fractions_add_up_over_agents_and_sites(agents: tuple[Agent, ...]) -> None:
    doses = [
        Given("A 0.5 %", 10.0, "femoral left"),
        Given("B 1 %", 12.0, "femoral left"),
        Given("A 0.5 %", 5.0, "tap right"),
    ]
    total = dose_sum(doses, agents, weight_kg=50.0)
    assert dict(total.parts) == {"A 0.5 %": pytest.approx(75 / 125), "B 1 %": pytest.approx(120 / 400)}
    assert total.share == pytest.approx(0.9)
    assert total.words() == "dose 90 % of your ceilings (A 0.5 % 60 %, B 1 % 30 %)"
    assert dose_sum([*doses, Given("B 1 %", 8.0)], agents, 50.0).words().startswith("OVER dose 110 %")


def test_the_lower_ceiling_holds(agents: tuple[Agent, ...]) -> None:
    assert agents[0].ceiling_mg(40.0) == pytest.approx(100.0)
    assert agents[0].ceiling_mg(100.0) == pytest.approx(150.0)
    assert agents[1].ceiling_mg(None) == pytest.approx(400.0)


def test_what_is_not_known_is_said_and_not_guessed(agents: tuple[Agent, ...]) -> None:
    without_weight = dose_sum([Given("A 0.5 %", 10.0), Given("B 1 %", 4.0)], agents, None)
    assert without_weight.words() == "dose 10 % of your ceilings (B 1 % 10 %) – not counted: A 0.5 %"
    assert dose_sum([Given("", 5.0)], agents, 70.0).words() == "dose not known – not counted: no agent named"
    assert dose_sum([], agents, 70.0).words() == ""
    with pytest.raises(ConfigError, match="weight of 700 kg"):
        dose_sum([], agents, 700.0)


amounts = st.lists(st.tuples(st.sampled_from(["A 0.5 %", "B 1 %"]), st.floats(0.5, 60)), max_size=8)


@given(amounts, st.floats(1, 200))
def test_more_is_never_less_and_the_order_does_not_matter(parts: list[tuple[str, float]], weight_kg: float) -> None:
    agents = (Agent("A 0.5 %", 5.0, "s", max_mg_per_kg=2.5), Agent("B 1 %", 10.0, "s", max_mg=400.0))
    doses = [Given(name, ml, f"site {n}") for n, (name, ml) in enumerate(parts)]
    shares = [dose_sum(doses[:n], agents, weight_kg).share for n in range(len(doses) + 1)]
    assert shares == sorted(shares)
    assert dose_sum(doses[::-1], agents, weight_kg).share == pytest.approx(shares[-1])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max_mg_per_kg", "max_mg_kg", r"unknown key 'max_mg_kg', did you mean 'max_mg_per_kg'\?"),
        ('source = "our department"', 'source = " "', "a ceiling needs its source"),
        ("max_mg = 400\n", "", "B 1 %: found no ceiling"),
        ("mg_per_ml = 10\n", "", "B 1 %: mg_per_ml is missing"),
        ("mg_per_ml = 10", "mg_per_ml = -1", "give a number above 0"),
        ("mg_per_ml = 10", 'mg_per_ml = "10"', "give a number"),
        ('name = "B 1 %"', 'name = "A 0.5 %"', "two agents have the same name"),
        ('name = "B 1 %"', "name = 3", "give a text in quotes"),
        ("[[agents]]", "[[agent]]", r"write a table \[\[agents\]\]"),
        ("name =", "name", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "agents.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new) if old == "[[agents]]" else GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        read_agents(path)
