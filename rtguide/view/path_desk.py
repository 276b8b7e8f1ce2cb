"""The fan of straight paths in the window: shown or not, and which one the user has picked."""

import math
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtguide.guidance.path_fan import find_paths
from rtguide.model.block_plan import BlockPlan
from rtguide.model.limits import AlarmLimits
from rtguide.model.paths import PathFan, PathWish
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.view.commands import Command

__all__ = ["PATH_COMMANDS", "PathDesk"]

PATH_COMMANDS = (
    Command("paths", "Paths", ("T",), "straight paths clear of what is marked; a click picks", True),
    Command("next path", "", (".",), "pick the next path"),
    Command("path before", "", (",",), "pick the one before"),
)

_NEAR = 1.5
"""A click picks the path that passes nearest, if it passes within this share of the picture's width, in percent."""


class PathDesk(QObject):
    """Finds the fan of the scene that is shown, anew for each, and remembers what was picked by side and angle."""

    changed = Signal()
    picked = Signal(object)
    """Details of what was picked, for the session's events."""

    def __init__(self, limits: AlarmLimits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self.is_on = False
        self._key: tuple[bool, float] | None = None
        self._fan: PathFan | None = None
        self._found_for: tuple[Scene, BlockPlan | None, tuple[bool, float] | None] | None = None

    def toggle(self) -> None:
        """Show the fan, or not."""
        self.is_on = not self.is_on
        self.changed.emit()

    def forget(self) -> None:
        """Another source: nothing is picked."""
        self.is_on, self._key, self._fan, self._found_for = False, None, None, None

    def fan(self, scene: Scene | None, plan: BlockPlan | None) -> PathFan | None:
        """The fan of this scene; None while nobody asks for it. plan: approach and needle come from it."""
        if not self.is_on or scene is None:
            self._fan = self._found_for = None
            return None
        asked = (scene, plan, self._key)
        if self._found_for is None or any(a is not b for a, b in zip(asked, self._found_for, strict=True)):
            self._fan, self._found_for = self._found(scene, plan), asked
        return self._fan

    def pick_next(self) -> None:
        """One path further; after the last one none."""
        self._step(1)

    def pick_before(self) -> None:
        """One path back; before the first one none."""
        self._step(-1)

    def pick_at(self, point_px: Point, scene: Scene) -> None:
        """The path that passes nearest to where somebody pressed, if one is near."""
        if self._fan is None or not self._fan.paths:
            return
        asides = [(_aside(point_px, path.entry_px, path.goal_px), path.key) for path in self._fan.paths]
        aside_px, key = min(asides)
        if aside_px <= scene.frame.shape_px[1] * _NEAR / 100:
            self._pick(key)

    def _step(self, by: int) -> None:
        if self._fan is None or not self._fan.paths:
            return
        keys: list[tuple[bool, float] | None] = [None, *(path.key for path in self._fan.paths)]
        at = keys.index(self._key) if self._key in keys else 0
        self._pick(keys[(at + by) % len(keys)])

    def _pick(self, key: tuple[bool, float] | None) -> None:
        self._key = key
        path = None if key is None or self._fan is None else self._fan.with_key(key)
        details: dict[str, Any] = {"from": None, "angle_deg": None, "length_mm": None}
        if path is not None:
            side = "left" if path.is_from_left else "right"
            details = {"from": side, "angle_deg": path.angle_deg, "length_mm": round(path.length_mm, 1)}
        self.picked.emit(details)
        self.changed.emit()

    def _found(self, scene: Scene, plan: BlockPlan | None) -> PathFan:
        if plan is None or plan.needle_length_mm is None:
            return PathFan(why_none="no paths: choose a block whose needle length is known (Y)")
        limits = self._limits
        wish = PathWish(plan.approach, plan.needle_length_mm, limits.path_clearance_mm, limits.overshoot_mm)
        fan = find_paths(scene.tracking.structures, scene.plan, scene.geometry, wish)
        return PathFan(fan.paths, fan.why_none, self._key)


def _aside(point: Point, start: Point, stop: Point) -> float:
    """Distance of a point from a straight piece."""
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - start[0] - share * dx, point[1] - start[1] - share * dy)
