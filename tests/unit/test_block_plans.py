"""Block plans: the simulated ones ready made, the user's own from TOML, refused with their reason."""

from pathlib import Path

import pytest

from rtguide.app.block_plans import block_plans, read_block_plan
from rtguide.errors import ConfigError
from rtguide.model.block_plan import BlockPlan
from rtguide.model.plan import Approach
from rtguide.model.structure import Role, Tissue
from rtguide.phantom import scenario_names

GOOD = """
name = "my-femoral"
title = "Femoral, as we do it"
approach = "in-plane from the right"
needle_length_mm = 50
needle_gauge = 22
depth_mm = [20, 40]
angle_deg = [25, 45]
checklist = ["consent"]

[[structures]]
name = "femoral nerve"
tissue = "nerve"
role = "both"

[ceiling]
ml = 20
source = "our department, 2026"
"""


def test_every_simulated_block_is_planned_without_any_ceiling(tmp_path: Path) -> None:
    plans = {plan.name: plan for plan in block_plans(tmp_path / "none")}
    assert set(plans) == {name for name in scenario_names() if not name.endswith("-hard")}
    assert all(plan.ceiling is None for plan in plans.values()), "a ceiling is the user's, with a source"
    assert all(plan.checklist and plan.structures and plan.source for plan in plans.values())
    femoral = plans["femoral"]
    assert femoral.approach is Approach.IN_PLANE_LEFT
    assert (femoral.needle_gauge, femoral.needle_length_mm) == (22, 80.0)
    assert [(s.name, s.tissue, s.role) for s in femoral.structures] == [
        ("nerve", Tissue.NERVE, Role.BOTH),
        ("artery", Tissue.ARTERY, Role.AVOID),
        ("vein", Tissue.VEIN, Role.AVOID),
    ]
    assert "22 G, 80 mm" in femoral.facts()


def test_the_users_own_come_first_and_replace_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text('name = "tap"\ntitle = "My TAP"\n')
    plans = block_plans(tmp_path)
    assert [plan.name for plan in plans[:2]] == ["my-femoral", "tap"]
    assert [plan.title for plan in plans if plan.name == "tap"] == ["My TAP"]
    assert plans[0].ceiling is not None
    assert plans[0].ceiling.ml == 20
    assert plans[0].facts() == (
        "in-plane from the right · 22 G, 50 mm · target usually 20–40 mm deep · 25–45° to the probe"
    )


def test_no_angle_is_said_where_the_needle_crosses_the_plane() -> None:
    plan = BlockPlan("x", "X", approach=Approach.OUT_OF_PLANE, angle_deg=(40.0, 60.0))
    assert "°" not in plan.facts()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("approach", "aproach", r"unknown key 'aproach', did you mean 'approach'\?"),
        ('tissue = "nerve"', 'tissu = "nerve"', r"structures\.0\.tissu"),
        ('source = "our department, 2026"', 'source = " "', "a ceiling needs its source"),
        ("ml = 20", "ml = 0", "a ceiling of 0 ml"),
        ("[20, 40]", "[40, 20]", r"depth_mm = \[40\.0, 20\.0\]: give the smaller one first"),
        ('role = "both"', 'role = "hit"', "structures.0.role"),
        ("title =", "title", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        read_block_plan(path)
