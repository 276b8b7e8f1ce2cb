"""Where two runs over the same frames say different things: `track` lines compared frame by frame."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Disagreement", "disagreements"]

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One frame of which A and B say different things. topics: what of, in words without figures · texts: with them."""

    frame: int
    topics: tuple[str, ...]
    texts: tuple[str, ...]


def disagreements(a: Sequence[Line], b: Sequence[Line], tolerance_px: float = 0.0) -> Iterator[Disagreement]:
    """Every frame that differs, in order. Places that lie within `tolerance_px` of each other count as the same."""
    by_frame_a, by_frame_b = ({int(line["frame"]): line for line in lines} for lines in (a, b))
    for frame in sorted(by_frame_a.keys() | by_frame_b.keys()):
        one, other = by_frame_a.get(frame), by_frame_b.get(frame)
        if one is None or other is None:
            missing = "A" if one is None else "B"
            yield Disagreement(frame, (f"no line in {missing}",), (f"no line in {missing}",))
            continue
        found = list(_differences(one, other, tolerance_px))
        if found:
            yield Disagreement(frame, tuple(topic for topic, _ in found), tuple(text for _, text in found))


def _differences(a: Line, b: Line, tolerance_px: float) -> Iterator[tuple[str, str]]:
    yield from _said("needle", a["needle"], b["needle"], ("state", "mode", "pass"))
    yield from _said("tip", a["needle"]["tip"], b["needle"]["tip"], ("state", "hidden_reason"))
    yield from _placed("tip", a["needle"]["tip"]["px"], b["needle"]["tip"]["px"], tolerance_px)
    for key in ("entry_px", "shaft_end_px", "section_px"):
        yield from _placed(key.removesuffix("_px").replace("_", " "), a["needle"][key], b["needle"][key], tolerance_px)
    if len(a["other_needles"]) != len(b["other_needles"]):
        yield "other needles", f"other needles: {len(a['other_needles'])} / {len(b['other_needles'])}"
    targets_a, targets_b = ({target["name"]: target for target in line["targets"]} for line in (a, b))
    for name in [*targets_a, *(name for name in targets_b if name not in targets_a)]:
        one, other = targets_a.get(name), targets_b.get(name)
        if one is None or other is None:
            yield f"{name} marked", f"{name}: only in {'B' if one is None else 'A'}"
            continue
        yield from _said(name, one, other, ("state", "role"))
        yield from _placed(name, one["px"], other["px"], tolerance_px)
    alarms = [sorted(alarm["code"] for alarm in line["guidance"]["alarms"]) for line in (a, b)]
    if alarms[0] != alarms[1]:
        yield "alarms", f"alarms: {', '.join(alarms[0]) or 'none'} / {', '.join(alarms[1]) or 'none'}"
    if not tolerance_px:
        yield from _said("guidance", a["guidance"], b["guidance"], [key for key in a["guidance"] if key != "alarms"])
        for name, one, other in (("needle", a["needle"], b["needle"]), ("tip", a["needle"]["tip"], b["needle"]["tip"])):
            yield from _said(name, one, other, ("confidence",) if name == "needle" else ("sigma_px",))


def _said(what: str, a: Line, b: Line, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    for key in keys:
        if a.get(key) != b.get(key):
            yield f"{what} {key}", f"{what} {key}: {a.get(key)} / {b.get(key)}"


def _placed(
    what: str, a: Sequence[float] | None, b: Sequence[float] | None, tolerance_px: float
) -> Iterator[tuple[str, str]]:
    if a is None or b is None:
        if a is not b:
            yield f"{what} place", f"{what} place: {a} / {b}"
        return
    apart = math.dist(a, b)
    if apart > tolerance_px:
        yield f"{what} place", f"{what} place: {apart:.2f} px apart, {list(a)} / {list(b)}"
