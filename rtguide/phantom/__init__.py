"""The simulated patient: anatomy, needle, speckle image formation, exact truth."""

from rtguide.phantom.library import load_scenario, parse_scenario, scenario_names
from rtguide.phantom.phantom import Phantom
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.truth import NeedleTruth, TipVisibility, Truth

__all__ = [
    "NeedleTruth",
    "Phantom",
    "Scenario",
    "TipVisibility",
    "Truth",
    "load_scenario",
    "parse_scenario",
    "scenario_names",
]
