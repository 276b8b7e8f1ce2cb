"""A scene in which structures are numbered: what users call them may say who the patient is."""

import re
from collections.abc import Mapping
from dataclasses import replace

from rtguide.model.guidance import Alarm
from rtguide.model.scene import Scene

__all__ = ["nameless"]


def nameless(scene: Scene) -> Scene:
    """The same, structures named `structure 1`, `structure 2`, … in the order of the plan, in every text too."""
    plan, tracking, guidance = scene.plan, scene.tracking, scene.guidance
    names = [*(one.name for one in plan.structures), *(one.name for one in tracking.structures)]
    names += [alarm.about for alarm in guidance.alarms if alarm.about]
    names += [guidance.nearest_avoid_name] if guidance.nearest_avoid_name is not None else []
    numbers = {name: f"structure {number}" for number, name in enumerate(dict.fromkeys(names), start=1)}
    return replace(
        scene,
        plan=replace(
            plan,
            structures=tuple(replace(one, name=numbers[one.name]) for one in plan.structures),
            aim=None if plan.aim is None else numbers.get(plan.aim),
        ),
        tracking=replace(
            tracking, structures=tuple(replace(one, name=numbers[one.name]) for one in tracking.structures)
        ),
        guidance=replace(
            guidance,
            nearest_avoid_name=None if guidance.nearest_avoid_name is None else numbers[guidance.nearest_avoid_name],
            advice=_told(guidance.advice, numbers),
            alarms=tuple(_numbered(alarm, numbers) for alarm in guidance.alarms),
        ),
    )


def _numbered(alarm: Alarm, numbers: Mapping[str, str]) -> Alarm:
    about = numbers[alarm.about] if alarm.about else ""
    return replace(alarm, text=_told(alarm.text, numbers), about=about)


def _told(text: str, numbers: Mapping[str, str]) -> str:
    """Whole names only, longer ones first: one may be a part of another, or of a word."""
    if not numbers:
        return text
    either = "|".join(map(re.escape, sorted(numbers, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda found: numbers[found[0]], text)
