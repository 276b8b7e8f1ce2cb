"""What the status line says, and why there is no overlay: words from values, without Qt."""

from dataclasses import dataclass

from rtguide.model.geometry import ImageGeometry
from rtguide.model.scene import Scene
from rtguide.model.side import SideStatus
from rtguide.model.status import FrameCounts, PipelineStatus, RecordingState, RecordingStatus, SourceState
from rtguide.overlays.shapes import HudSlot, HudText, Tone

__all__ = ["Segment", "late_notice", "scale_text", "status_segments"]

LATE_NS = 150_000_000
"""A picture older than this is late, and its age is said; before, how long pictures take to the screen."""

SIDE_LETTERS = 48
"""Of a side channel's trouble so much is shown; the line under the picture has all of it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the status line. is_bold: it differs from what is wished for."""

    text: str
    is_bold: bool = False


def status_segments(scene: Scene | None, status: PipelineStatus, times: tuple[int | None, int]) -> tuple[Segment, ...]:
    """The status line, most important first: injecting, recording, ledger, age or delay, side channels, rate, needle,
    scale, who is served, name, what from before would be recorded.

    times: the scene's age, None without one, and what time it is, both in ns.
    """
    age_ns, now_ns = times
    parts = [*_injecting(scene, status.injecting_ns, now_ns), *_recording(status.recording)]
    if status.counts.received:
        parts.append(_ledger(status.counts))
    delay = status.painted_delay
    if age_ns is not None and (delay is None or age_ns > LATE_NS):
        parts.append(Segment(_age_text(age_ns), is_bold=age_ns > LATE_NS))
    elif delay is not None:
        parts.append(Segment(f"{delay.median_ns / 1e6:.0f}–{delay.p99_ns / 1e6:.0f} ms to screen"))
    parts += [_side(side) for side in status.sides]
    if status.rate_hz is not None:
        jitter = "" if status.timing is None else f" ±{status.timing.jitter_ns / 1e6:.0f} ms"
        parts.append(Segment(f"{status.rate_hz:.1f}/s{jitter}"))
    if scene is not None:
        parts.append(Segment(f"needle {scene.tracking.needle.track}"))
        parts.append(Segment(scale_text(scene.geometry), is_bold=not scene.geometry.is_verified))
    if status.served:
        parts.append(Segment(status.served))
    if status.source.info is not None:
        parts.append(Segment(status.source.info.name))
    return tuple(parts + _kept(status.recording))


def scale_text(geometry: ImageGeometry) -> str:
    """The scale and who says so."""
    if geometry.spacing_mm is None:
        return "no scale"
    x, y = geometry.spacing_mm
    size = f"{x:.4g}" if abs(x - y) < 1e-9 else f"{x:.4g}×{y:.4g}"
    doubt = "" if geometry.is_verified else ", not verified"
    return f"{size} mm/px ({geometry.provenance}{doubt})"


def late_notice(status: PipelineStatus, *, has_scene: bool) -> HudText:
    """Why there is no overlay, or no picture, in the source's own terms."""
    source = status.source
    match source.state:
        case SourceState.OPENING:
            return _message(source.text or "opening the source", Tone.TEXT)
        case SourceState.QUIET:
            return _message("source quiet", Tone.ALARM_MEDIUM)
        case SourceState.INTERRUPTED:
            return _message(source.text, Tone.ALARM_MEDIUM)
        case SourceState.ENDED:
            return _message(source.text or "the recording has ended", Tone.TEXT)
        case SourceState.FAILED:
            return _message(f"source failed: {source.text}" if source.text else "source failed", Tone.ALARM_MEDIUM)
        case SourceState.RUNNING:
            return _message("picture late", Tone.ALARM_MEDIUM) if has_scene else _message("starting", Tone.TEXT)


def _ledger(counts: FrameCounts) -> Segment:
    """How many frames were lost, and of everything else that is not as it should be what there is."""
    other = (
        (counts.out_of_order, "out of order"),
        (counts.late, "late"),
        (counts.frozen, "frozen"),
        (counts.duplicated - counts.frozen, "doubled"),
        (counts.skipped, "untracked"),
    )
    texts = [f"{counts.lost} lost", *(f"{count} {what}" for count, what in other if count)]
    return Segment(", ".join(texts), is_bold=counts.lost + counts.out_of_order > 0)


def _side(side: SideStatus) -> Segment:
    """A side channel: its newest value, or in a few words why nothing comes."""
    if side.trouble is None:
        return Segment(f"{side.name} {side.text}".strip())
    words = side.trouble if len(side.trouble) <= SIDE_LETTERS else f"{side.trouble[: SIDE_LETTERS - 1]}…"
    return Segment(f"{side.name}: {words}", is_bold=True)


def _message(text: str, tone: Tone) -> HudText:
    return HudText(HudSlot.MESSAGE, text, tone)


def _age_text(age_ns: int) -> str:
    """Below a second in milliseconds, then in seconds."""
    return f"{age_ns / 1e6:.0f} ms old" if age_ns < 1_000_000_000 else f"{age_ns / 1e9:.1f} s old"


def _injecting(scene: Scene | None, since_ns: int | None, now_ns: int) -> list[Segment]:
    """Since when, and whether fluid is seen: that it cannot be told is no alarm, but is said."""
    if since_ns is None:
        return []
    spread = "" if scene is None else f", spread: {scene.tracking.spread_sight}"
    return [Segment(f"INJECTING {(now_ns - since_ns) / 1e9:.0f} s{spread}", is_bold=True)]


def _kept(recording: RecordingStatus) -> list[Segment]:
    """How much from before would be recorded."""
    reach_s = int(recording.reach_s or 0.0)
    return [Segment(f"last {reach_s} s kept")] if reach_s else []


def _recording(recording: RecordingStatus) -> list[Segment]:
    match recording.state:
        case RecordingState.OFF:
            return []
        case RecordingState.WAITING:
            return [Segment("not recording yet: image region not known", is_bold=True)]
        case RecordingState.RECORDING:
            minutes, seconds = divmod(int(recording.seconds), 60)
            lost = f", {recording.lost} lost" if recording.lost else ""
            return [Segment(f"● REC {minutes}:{seconds:02d}{lost}", is_bold=True)]
