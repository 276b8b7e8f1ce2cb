"""Block plans: those of the simulated patients, ready made, and the user's own TOML files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rtguide.app.user_files import did_you_mean, read_toml, user_path
from rtguide.errors import ConfigError
from rtguide.model.block_plan import BlockPlan, PlannedStructure, VolumeCeiling
from rtguide.model.plan import Approach
from rtguide.model.structure import Role, StructureKind, Tissue
from rtguide.phantom import load_scenario, scenario_names
from rtguide.phantom.scenario import StructureSpec, SurfaceSpec
from rtguide.phantom.true_structures import kind_and_tissue

__all__ = ["CHECKLIST", "block_plans", "plan_named", "read_block_plan", "simulated_plan"]

CHECKLIST = (
    "consent, allergies, anticoagulation",
    "monitoring on, access in place",
    "syringes labelled, rescue at hand",
)
"""What a simulated block is checked for: headings only, our own judgement. A user's plan has its own."""

_FOLDER = "blocks"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StructureFile(_Strict):
    name: Annotated[str, Field(min_length=1)]
    kind: StructureKind = StructureKind.STRUCTURE
    tissue: Tissue
    role: Role


class _CeilingFile(_Strict):
    ml: float
    source: str


class _BlockFile(_Strict):
    name: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1)]
    structures: tuple[_StructureFile, ...] = ()
    approach: Approach = Approach.UNKNOWN
    needle_length_mm: Annotated[float, Field(gt=0, le=250)] | None = None
    needle_gauge: Annotated[int, Field(ge=14, le=30)] | None = None
    depth_mm: tuple[float, float] | None = None
    angle_deg: tuple[float, float] | None = None
    checklist: tuple[str, ...] = ()
    ceiling: _CeilingFile | None = None
    source: str = ""


def block_plans(folder: Path | None = None) -> tuple[BlockPlan, ...]:
    """The user's own first, then those of the simulated patients; of one name the user's.

    folder: of the user's TOML files; None: `blocks` in the user's configuration folder.

    Raises
    ------
    ConfigError
        A file of the user's cannot be understood.
    """
    place = user_path(_FOLDER) if folder is None else folder
    own = [read_block_plan(path) for path in sorted(place.glob("*.toml"))] if place.is_dir() else []
    taken = {plan.name for plan in own}
    simulated = [simulated_plan(name) for name in scenario_names() if not name.endswith("-hard")]
    return (*own, *(plan for plan in simulated if plan.name not in taken))


def plan_named(name: str) -> BlockPlan:
    """The plan of this name.

    Raises
    ------
    ConfigError
        There is none, or a file of the user's cannot be understood.
    """
    plans = {plan.name: plan for plan in block_plans()}
    if name not in plans:
        raise ConfigError(f"no block plan {name!r}{did_you_mean(name, list(plans))}. Known here: {', '.join(plans)}")
    return plans[name]


def simulated_plan(name: str) -> BlockPlan:
    """What the scenario itself says: its structures, approach, needle and sources."""
    scenario = load_scenario(name)
    specs: list[StructureSpec | SurfaceSpec] = [*scenario.structures, *scenario.surfaces]
    structures = [PlannedStructure(s.name, *kind_and_tissue(s), s.role) for s in specs if s.role is not None]
    needle = scenario.needle
    return BlockPlan(
        name=scenario.name,
        title=scenario.title,
        structures=tuple(structures),
        approach=scenario.approach,
        needle_length_mm=None if needle is None else float(needle.length_mm),
        needle_gauge=None if needle is None else needle.gauge,
        checklist=CHECKLIST,
        source="; ".join(scenario.sources),
    )


def read_block_plan(path: Path) -> BlockPlan:
    """One file of the user's.

    Raises
    ------
    ConfigError
        It cannot be read, is no TOML, or has a key or value that makes no sense.
    """
    data = read_toml(path, "a file that holds a block plan")
    try:
        file = _BlockFile.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_explained(error)}") from error
    try:
        return BlockPlan(
            name=file.name,
            title=file.title,
            structures=tuple(PlannedStructure(s.name, s.kind, s.tissue, s.role) for s in file.structures),
            approach=file.approach,
            needle_length_mm=file.needle_length_mm,
            needle_gauge=file.needle_gauge,
            depth_mm=file.depth_mm,
            angle_deg=file.angle_deg,
            checklist=file.checklist,
            ceiling=None if file.ceiling is None else VolumeCeiling(file.ceiling.ml, file.ceiling.source),
            source=file.source,
        )
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] != "extra_forbidden":
        return f"{'.'.join(place)}: {first['msg']}"
    known = _known(place)
    return f"unknown key {'.'.join(place)!r}{did_you_mean(place[-1], known)}. Known here: {', '.join(known)}"


def _known(place: Sequence[str]) -> list[str]:
    models: dict[str, type[BaseModel]] = {"structures": _StructureFile, "ceiling": _CeilingFile}
    return sorted(models.get(place[0], _BlockFile).model_fields if len(place) > 1 else _BlockFile.model_fields)
