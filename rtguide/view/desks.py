"""The desks of a procedure, put together: stages, doses, events, paths that are clear, and what is heard."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtWidgets import QStackedWidget, QWidget

from rtguide.clock import Clock
from rtguide.view.dose_desk import DoseDesk
from rtguide.view.event_panel import EventDesk
from rtguide.view.feed import Feed
from rtguide.view.fit import UNTURNED, Turn
from rtguide.view.language import said as words_of
from rtguide.view.live_settings import LiveSettings
from rtguide.view.mode_desk import ModeDesk
from rtguide.view.path_desk import PathDesk
from rtguide.view.procedure import ProcedureDesk, ProcedureHost
from rtguide.view.sound import SoundDesk
from rtguide.view.status_text import Segment
from rtguide.view.study_desk import StudyDesk

__all__ = ["Desks"]


class _Host(ProcedureHost, Protocol):
    """Likewise for all of them."""

    def look_again(self) -> None:
        """Something has changed that the window shows."""
        ...


class Desks:
    """Made for one window, which is host and parent."""

    def __init__(
        self, host: _Host, parent: QWidget, clock: Clock, settings: LiveSettings, stack: QStackedWidget
    ) -> None:
        self.procedure = ProcedureDesk(host, clock, settings.blocks, stack)
        self.doses = DoseDesk(settings.agents, parent)
        self.procedure.panel.add_dose(self.doses.row)
        self.events = EventDesk(host.note, lambda: (self.doses.agent_name, self.procedure.now.site), clock, parent)
        self.doses.patient_changed.connect(self.events.forget)
        self.paths = PathDesk(settings.limits, parent)
        self.paths.picked.connect(lambda details: host.note("path picked", details))
        self.sound = SoundDesk(clock, parent)
        self.study = StudyDesk(settings.study, host.note)
        self.mode = ModeDesk()
        self.turn = UNTURNED
        self._addresses: set[str] = set()
        self._look_again = host.look_again
        for desk in (self.procedure, self.doses, self.events, self.paths, self.sound):
            desk.changed.connect(host.look_again)

    def slots(self) -> dict[str, Callable[[], Any]]:
        """What each of their commands does."""
        return self.events.slots_by_command() | {
            "procedure": self.procedure.begin_or_finish,
            "agent": self.doses.next_agent,
            "sound": self.sound.next_mode,
            "mirror": lambda: self._to_turn(replace(self.turn, is_mirrored=not self.turn.is_mirrored)),
            "turn": lambda: self._to_turn(replace(self.turn, is_half_turned=not self.turn.is_half_turned)),
            "across": self._toggle_mode,
            "paths": self.paths.toggle,
            "next path": self.paths.pick_next,
            "path before": self.paths.pick_before,
        }

    def _toggle_mode(self) -> None:
        self.mode.toggle()
        self._look_again()

    def apply_mode(self, feed: Feed) -> None:
        """Look for the needle that the plan or the key has chosen."""
        feed.expect(self.procedure.approach)
        self.mode.apply(feed, self.procedure.plan_in_mind)

    def _to_turn(self, turn: Turn) -> None:
        self.turn = turn
        self._look_again()

    def source_is(self, address: str) -> None:
        """What the open source calls itself; it may have been opened by other words."""
        self._addresses.add(address)
        self.procedure.source_is(address)

    def opened(self, address: str) -> None:
        """The same source anew is the same patient, who has had what was given; another one is another."""
        if address not in self._addresses:
            self._addresses = {address}
            self.doses.begin_anew()
        self.paths.forget()

    def segments(self, now_ns: int) -> tuple[Segment, ...]:
        """For the status line: what was just said, the stage, and what was given against the user's ceilings."""
        log, now = self.events.log, self.procedure.now
        volume = now.dose_words(log.injected_at_ml(now.site))
        way = words_of("out of plane") if self.mode.is_out_of_plane else ""
        said = (
            log.saying(now_ns),
            self.procedure.words(),
            way,
            volume,
            self.doses.words(log.events),
            self.sound.words(),
        )
        return (*self.study.segments(), *(Segment(text, is_bold=True) for text in said if text))
