"""The words at the edge of the view: what the picture is, that this is research, and the one thing to know now."""

from rtguide import RESEARCH_NOTICE
from rtguide.model.frame import SourceKind
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.scene import Scene
from rtguide.model.structure import StructureTrack
from rtguide.overlays.freshness import Freshness
from rtguide.overlays.shapes import HudSlot, HudText, TextLine, Tone
from rtguide.overlays.tracked import tracked_words

__all__ = ["hud_shapes", "note_lines", "standing_shapes"]

ALARM_TONES = {
    AlarmPriority.HIGH: Tone.ALARM_HIGH,
    AlarmPriority.MEDIUM: Tone.ALARM_MEDIUM,
    AlarmPriority.LOW: Tone.ALARM_LOW,
}
_ORDER = tuple(AlarmPriority)


def standing_shapes(kind: SourceKind | None) -> tuple[HudText, ...]:
    """What is on screen at all times, also with no picture and with the overlay hidden."""
    notice = HudText(HudSlot.NOTICE, RESEARCH_NOTICE, Tone.MUTED)
    return (notice,) if kind is None else (HudText(HudSlot.SOURCE, kind.upper()), notice)


def hud_shapes(scene: Scene, freshness: Freshness, late: HudText, *, is_blind: bool = False) -> tuple[HudText, ...]:
    """The standing words, and the message: that the picture is late, else the highest alarm, else the advice.

    An alarm of low priority does not take the advice's place. is_blind: nothing that was tracked is said.
    """
    standing = standing_shapes(scene.source.kind)
    if freshness is Freshness.GONE:
        return (*standing, late)
    if freshness is Freshness.HOLLOW:
        return (*standing, HudText(HudSlot.MESSAGE, "picture late"))
    if is_blind:
        return (*standing, HudText(HudSlot.MESSAGE, "study: without overlay"))
    alarm = _highest(scene.guidance.alarms)
    if alarm is not None and (alarm.priority is not AlarmPriority.LOW or not scene.guidance.advice):
        return (*standing, HudText(HudSlot.MESSAGE, alarm.text, ALARM_TONES[alarm.priority]))
    if scene.guidance.advice:
        return (*standing, HudText(HudSlot.MESSAGE, scene.guidance.advice))
    return standing


def note_lines(scene: Scene, size_px: float) -> tuple[TextLine, ...]:
    """Small print: what was marked and cannot be found, and what the distances do not know."""
    lost = [s.name for s in scene.tracking.structures if s.track is StructureTrack.LOST]
    texts = [f"{name}: not found" for name in lost]
    if not scene.is_region_known:
        texts.append("image region not known")
    if scene.guidance.nearest_avoid_px is not None:
        texts.append("distances: in this slice, marked structures only")
    if (tracked := tracked_words(scene)) is not None:
        texts.append(tracked)
    return tuple(TextLine(text, size_px, Tone.MUTED) for text in texts)


def _highest(alarms: tuple[Alarm, ...]) -> Alarm | None:
    return min(alarms, key=lambda alarm: _ORDER.index(alarm.priority), default=None)
