"""What is said about needle and structures in one frame: distances, where the path passes, alarms, words."""

from rtguide.guidance.gates import withhold_late
from rtguide.guidance.guide import guide

__all__ = ["guide", "withhold_late"]
