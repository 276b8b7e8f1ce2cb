"""What the live window is told by whoever opens it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rtguide.model.agent import Agent
from rtguide.model.block_plan import BlockPlan
from rtguide.model.limits import AlarmLimits
from rtguide.model.pedal import PedalMap
from rtguide.ports import FrameSource
from rtguide.recording.study_log import StudyLog
from rtguide.view.feed import OpenFeed
from rtguide.view.previews import Offer
from rtguide.view.scale_dialog import Calibrator

__all__ = ["LiveSettings"]


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What the window is told by whoever opens it.

    record_dir: where new session folders go · open_feed: opens an address; None where sources are not changed ·
    offers: (what to call it, address) for the start page and the open dialog · limits: from where on alarms are
    raised · blocks: what can be planned · pedals: foot pedals and what they do ·
    calibrator: reads and keeps a screen's scale; None where that cannot be done · agents: what may be injected,
    with the user's own ceilings · open_source, find_sources: for the start page's live pictures, and what is connected
    now (may take seconds); None and nothing where it has no pictures.
    """

    record_dir: Path
    open_feed: OpenFeed | None = None
    offers: tuple[tuple[str, str], ...] = ()
    limits: AlarmLimits = field(default_factory=AlarmLimits)
    blocks: tuple[BlockPlan, ...] = ()
    pedals: tuple[PedalMap, ...] = ()
    calibrator: Calibrator | None = None
    agents: tuple[Agent, ...] = ()
    open_source: Callable[[str], FrameSource] | None = None
    find_sources: Callable[[], Sequence[Offer]] = tuple
    study: StudyLog | None = None
    memory: Path | None = None
    troubles: tuple[str, ...] = ()
