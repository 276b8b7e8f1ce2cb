"""The matrix of clips that trackers are judged by: scenarios × seeds × screen layouts × conditions, as data.

`clip_matrix.toml` is the one that comes with rtguide; `docs/scoring.md` describes it.
"""

import difflib
import hashlib
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from rtguide.errors import ConfigError
from rtguide.kernels import shadow_rays, speckle_deposit, speckle_image, spline_field
from rtguide.phantom.case_folder import CaseOptions
from rtguide.phantom.happenings import Inject, Strict
from rtguide.phantom.library import load_scenario, scenario_names
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen import misfit

__all__ = ["Cell", "ClipMatrix", "Condition", "LayoutChoice", "Seed", "load_matrix", "sampled", "standard_matrix"]

KERNELS = (shadow_rays, speckle_deposit, speckle_image, spline_field)
"""What this package calls: a change in one of them may change every clip."""

_GOLDEN = (3 - math.sqrt(5)) / 2
"""Steps of this share of a ring spread any number of picks evenly over it."""


class Seed(Strict):
    """A patient and a hand. start_s: where in the scenario's course the clip begins."""

    seed: Annotated[int, Field(ge=0)]
    start_s: Annotated[float, Field(ge=0, le=600)] = 0.0


class LayoutChoice(Strict):
    """A screen. zoom: the picture's scale, times the scenario's own."""

    name: Literal["bare", "clinic", "cart", "tablet"]
    width_px: Annotated[int, Field(ge=320, le=3840)]
    height_px: Annotated[int, Field(ge=240, le=2160)]
    zoom: Annotated[float, Field(gt=0.1, le=4)] = 1.0


class Condition(Strict):
    """How the pictures come. lossy: MPEG-4 at this quantiser · noise_db: on top of the scenario's receiver noise."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
    fps: Annotated[float, Field(ge=1, le=120)] = 30.0
    lossy: Annotated[int, Field(ge=2, le=31)] | None = None
    noise_db: Annotated[float, Field(ge=-40, le=40)] = 0.0


class NeedleFree(Strict):
    """The same clips without their needles."""

    seeds: tuple[Seed, ...] = ()


class ClipMatrix(Strict):
    """All that makes the clips. seconds: of each clip · scenarios: empty for all."""

    seconds: Annotated[float, Field(gt=0, le=600)]
    scenarios: tuple[str, ...] = ()
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]
    layouts: Annotated[tuple[LayoutChoice, ...], Field(min_length=1)]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]
    needle_free: NeedleFree = NeedleFree()

    def cells(self, seed_offset: int = 0) -> "list[Cell]":
        """Every clip, those with a needle first; scenario by scenario. seed_offset is added to every seed."""
        names = self.scenarios or scenario_names()
        return [
            Cell(name, one.seed + seed_offset, one.start_s, self.seconds, layout, condition, has_needle)
            for has_needle, seeds in ((True, self.seeds), (False, self.needle_free.seeds))
            for name in names
            for one in seeds
            for layout in self.layouts
            for condition in self.conditions
        ]


@dataclass(frozen=True, slots=True)
class Cell:
    """One clip of the matrix. start_s, seconds: the part of the scenario's course that it shows."""

    scenario: str
    seed: int
    start_s: float
    seconds: float
    layout: LayoutChoice
    condition: Condition
    has_needle: bool = True

    @property
    def name(self) -> str:
        """The name of its folder."""
        free = "" if self.has_needle else "-free"
        return f"{self.scenario}{free}_s{self.seed}_{self.layout.name}_{self.condition.name}"

    @property
    def options(self) -> CaseOptions:
        """How its folder is written."""
        quality = self.condition.lossy
        if quality is None:
            return CaseOptions(self.seconds, start_s=self.start_s)
        return CaseOptions(self.seconds, "lossy", quality, self.start_s)

    def build_scenario(self) -> Scenario:
        """The scenario as this clip shows it.

        Raises
        ------
        ConfigError
            There is none of that name, or its picture does not fit on the layout.
        """
        scenario = load_scenario(self.scenario)
        layout, display = self.layout, scenario.display
        screen = scenario.screen.model_copy(
            update={
                "layout": layout.name,
                "width_px": layout.width_px,
                "height_px": layout.height_px,
                "px_per_mm": scenario.screen.px_per_mm * layout.zoom,
            }
        )
        noisier = display.model_copy(update={"noise_db": display.noise_db + self.condition.noise_db})
        update: dict[str, object] = {"screen": screen, "display": noisier}
        if not self.has_needle:
            update["needle"] = None
            update["events"] = tuple(event for event in scenario.events if not isinstance(event, Inject))
        made = scenario.model_copy(update=update)
        problem = misfit(made)
        if problem is not None:
            raise ConfigError(f"{self.name}: {problem}, or the layout's zoom = {layout.zoom:g}")
        return made

    def fingerprint(self) -> str:
        """Changes whenever the clip would: with the cell, and with the phantom's code and scenarios."""
        return hashlib.sha256(f"{self!r} {_phantom_digest()}".encode()).hexdigest()


def sampled(cells: list[Cell], count: int) -> list[Cell]:
    """A part of the cells that covers scenarios, seeds, layouts and conditions evenly; always the same.

    `count` of those with a needle, and of those without one in the same proportion.
    """
    with_needle = [cell for cell in cells if cell.has_needle]
    free = [cell for cell in cells if not cell.has_needle]
    share = min(1.0, count / max(len(with_needle), 1))
    return _spread(with_needle, count) + _spread(free, math.ceil(share * len(free)))


def standard_matrix() -> ClipMatrix:
    """The matrix that comes with rtguide."""
    text = (resources.files("rtguide.phantom") / "clip_matrix.toml").read_text(encoding="utf-8")
    return _parsed(text, "clip_matrix.toml")


def load_matrix(path: Path) -> ClipMatrix:
    """A matrix of one's own.

    Raises
    ------
    ConfigError
        It cannot be read, or is not what it should be; the message says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}): give a TOML file like clip_matrix.toml") from error
    return _parsed(text, str(path))


def _spread(cells: list[Cell], count: int) -> list[Cell]:
    """Picks in rounds over the scenarios, the hard ones behind the easy; neighbours there take cells far apart."""
    by_scenario: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.scenario.endswith("-hard")):
        by_scenario.setdefault(cell.scenario, []).append(cell)
    groups = list(by_scenario.values())
    stride = _prime_step(len(groups))
    visits = [(turn, index * stride % len(groups)) for turn in range(len(cells)) for index in range(len(groups))]
    picked: list[Cell] = []
    for turn, place in visits:
        group = groups[place]
        if turn < len(group) and len(picked) < count:
            picked.append(group[(place + turn) * _prime_step(len(group)) % len(group)])
    order = {cell: index for index, cell in enumerate(cells)}
    return sorted(picked, key=order.__getitem__)


def _prime_step(length: int) -> int:
    """The number nearest above the golden share of `length` that has no factor in common with it."""
    step = max(1, round(_GOLDEN * length))
    while math.gcd(step, length) != 1:
        step += 1
    return step


@cache
def _phantom_digest() -> str:
    """Of everything that decides what a clip looks like: this package, its data, and the kernels that it calls."""
    kernels = [Path(module.__file__ or "") for module in KERNELS]
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*package.rglob("*.py"), *package.rglob("scenarios/*.toml"), *kernels]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _parsed(text: str, origin: str) -> ClipMatrix:
    try:
        matrix = ClipMatrix.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{origin}: {_explained(error)}") from error
    unknown = [name for name in matrix.scenarios if name not in scenario_names()]
    if unknown:
        raise ConfigError(f"{origin}: there is no scenario {unknown[0]!r}; `rtguide phantom list` names them")
    return matrix


def _explained(error: ValidationError) -> str:
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{place}: {first['msg']}"
    models = (ClipMatrix, Seed, LayoutChoice, Condition, NeedleFree)
    known = sorted({name for model in models for name in model.model_fields})
    close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
    return f"unknown key {place!r}" + (f", did you mean {close[0]!r}?" if close else "")
