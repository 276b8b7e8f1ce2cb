"""Leads through a procedure in the live window: plan, stop, guide, injecting, done; by key, mouse or pedal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from rtguide.clock import Clock
from rtguide.model.block_plan import BlockPlan, BodySide
from rtguide.model.geometry import ImageGeometry
from rtguide.model.plan import Approach
from rtguide.model.structure import Structure
from rtguide.view.canvas import Shown
from rtguide.view.commands import Command
from rtguide.view.language import said
from rtguide.view.procedure_pages import DonePage, PlanPanel, ScalePanel, StopPage
from rtguide.view.status_text import scale_text
from rtguide.view.workflow import Procedure, Stage, unmarked

__all__ = ["PROCEDURE_COMMANDS", "ProcedureDesk", "ProcedureHost"]

PROCEDURE_COMMANDS = (
    Command("procedure", "Block", ("Y",), "a procedure: plan and stop, then again Y: done, note, save"),
)

_MAIN_STAGES = (Stage.OFF, Stage.CALIBRATE, Stage.PLAN, Stage.GUIDE, Stage.INJECT)


class ProcedureHost(Protocol):
    """What the procedure asks of its window."""

    def set_injecting(self, is_injecting: bool) -> None:
        """Somebody begins to inject, or stops."""
        ...

    def note(self, kind: str, details: Mapping[str, Any]) -> bool:
        """Keep an event; false where nothing is recorded yet."""
        ...

    def record(self, is_recording: bool) -> None:
        """Begin to record, or end it; said again it changes nothing."""
        ...

    def ask_for_scale(self) -> None:
        """Read this screen's ruler, look, accept."""
        ...

    def summary(self) -> tuple[str, ...]:
        """Lines about what was said and recorded."""
        ...


@dataclass(frozen=True, slots=True)
class _Pending:
    kind: str
    details: dict[str, Any]


class ProcedureDesk(QObject):
    """Holds the procedure and its pages. main: the page with the picture."""

    changed = Signal()

    def __init__(self, host: ProcedureHost, clock: Clock, plans: tuple[BlockPlan, ...], stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._host, self._clock, self._stack = host, clock, stack
        self._plans = plans
        self._main: QWidget | None = None
        self.now = Procedure()
        self.panel, self.stop_page, self.done_page = PlanPanel(plans, stack), StopPage(stack), DonePage(stack)
        self.scale_panel = ScalePanel(stack)
        self.scale_panel.asked.connect(host.ask_for_scale)
        stack.addWidget(self.stop_page)
        stack.addWidget(self.done_page)
        self._marked: tuple[Structure, ...] = ()
        self._geometry: ImageGeometry | None = None
        self._pending: list[_Pending] = []
        self._suggested = ""
        self.panel.chosen.connect(lambda plan: self._to(self.now.with_plan(plan)))
        self.panel.sided.connect(lambda side: self._to(self.now.with_side(side)))
        for page in (self.scale_panel, self.panel, self.stop_page, self.done_page):
            page.ticked.connect(lambda number: self._to(self.now.ticked(number)))
            page.gone_on.connect(self.go_on)
            page.gone_back.connect(self.go_back)
        self.done_page.saved.connect(self._save)

    def suggest(self, address: str) -> None:
        """Another source is open: a procedure begins anew."""
        self.source_is(address)
        self._pending.clear()
        self._to(Procedure())

    def source_is(self, address: str) -> None:
        """A simulated block plans itself."""
        scheme, _, rest = address.partition(":")
        self._suggested = rest.partition("?")[0].removesuffix("-hard") if scheme == "sim" else ""

    @property
    def plan_in_mind(self) -> BlockPlan | None:
        """The plan that was chosen, else the one of the simulated block that is open."""
        if self.now.plan is not None:
            return self.now.plan
        return next((plan for plan in self._plans if plan.name == self._suggested), None)

    @property
    def approach(self) -> Approach:
        """From where the plan that was chosen expects the needle."""
        return Approach.UNKNOWN if self.now.plan is None else self.now.plan.approach

    def begin_or_finish(self) -> None:
        """Begin to plan; once the needle is in, finish."""
        if self.now.stage is Stage.OFF:
            self.panel.choose_none()
            is_scaled = self._geometry is not None and self._geometry.is_verified
            self._to(self.now.begun(self._clock.now_ns(), is_scaled=is_scaled))
            if self._suggested:
                self.panel.choose(self._suggested)
        else:
            self._to(self.now.finished())

    def go_on(self) -> None:
        """One press further."""
        if self.now.stage is Stage.DONE:
            self.done_page.save.click()
        else:
            self._to(self.now.next(self._clock.now_ns()))

    def go_back(self) -> None:
        """One stage back."""
        self._to(self.now.back())

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Take a key of the stage's own; false where it has none, or it belongs to somebody else."""
        key = event.key()
        if self.now.stage is Stage.OFF:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.go_on()
        elif self.now.stage in (Stage.GUIDE, Stage.INJECT):
            return False
        elif key == Qt.Key.Key_Escape:
            self.go_back()
        elif self.now.stage is Stage.PLAN and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.panel.move_choice(1 if key == Qt.Key.Key_Down else -1)
        elif self.now.stage is Stage.PLAN and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._to(self.now.with_side(BodySide.LEFT if key == Qt.Key.Key_Left else BodySide.RIGHT))
        else:
            return False
        return True

    def look(self, shown: Shown, *, is_injecting: bool) -> None:
        """What the window shows now: the stop has the picture too, untouched."""
        if self.now.stage is Stage.STOP:
            self.stop_page.canvas.show_this(replace(shown, is_overlay_hidden=True))
        self._geometry = None if shown.scene is None else shown.scene.geometry
        if self.now.stage is Stage.CALIBRATE:
            if self._geometry is not None and self._geometry.is_verified:
                self.go_on()
            else:
                self.scale_panel.show_geometry(self._geometry)
        marked = () if shown.scene is None else shown.scene.plan.structures
        if marked != self._marked:
            self._marked = marked
            self._show()
        stage = {Stage.GUIDE: Stage.INJECT, Stage.INJECT: Stage.GUIDE}.get(self.now.stage)
        if stage is not None and is_injecting is (stage is Stage.INJECT):
            self.now = replace(self.now, stage=stage)  # by its own key, or by the hands of a simulation
        self._pending = [event for event in self._pending if not self._host.note(event.kind, event.details)]

    def words(self) -> str:
        """For the status line."""
        return self.now.words(self._clock.now_ns())

    def _to(self, procedure: Procedure) -> None:
        before, self.now = self.now, procedure
        if before.stage is not procedure.stage:
            self._entered(before.stage)
        self._show()
        self.changed.emit()

    def _entered(self, before: Stage) -> None:
        stage = self.now.stage
        self._host.set_injecting(stage is Stage.INJECT)
        if stage is Stage.STOP:
            self._host.record(True)
        if stage is Stage.GUIDE and before is Stage.STOP:
            scale = "none" if self._geometry is None else scale_text(self._geometry)
            self._note("stop confirmed", {**self.now.details(), "scale": scale})
        if stage is Stage.DONE:
            self.done_page.summary.setText("<br>".join(map(said, (self.words(), *self._host.summary()))))
        if stage in _MAIN_STAGES:
            if self._main is not None:
                self._stack.setCurrentWidget(self._main)
            self._stack.window().setFocus()
        else:
            if self._stack.currentWidget() not in (self.stop_page, self.done_page):
                self._main = self._stack.currentWidget()
            self._stack.setCurrentWidget(self.stop_page if stage is Stage.STOP else self.done_page)
            if stage is Stage.DONE:
                self.done_page.line.setFocus()
            else:
                self._stack.window().setFocus()
        self.panel.setVisible(stage is Stage.PLAN)
        self.scale_panel.setVisible(stage is Stage.CALIBRATE)

    def _show(self) -> None:
        missing = () if self.now.plan is None else unmarked(self.now.plan, self._marked)
        if self.now.stage is Stage.PLAN:
            self.panel.show_plan(self.now, missing)
        elif self.now.stage is Stage.STOP:
            self.stop_page.show_stop(self.now, missing)

    def _save(self, text: str) -> None:
        self._note("done", {**self.now.details(), **({"text": text} if text else {})})
        self._host.record(False)
        self._pending.clear()  # what found no recording must not turn up in the next one
        self._to(Procedure())

    def _note(self, kind: str, details: dict[str, Any]) -> None:
        """Now, or as soon as the recording has begun, with the time of now."""
        details = {"t_ns": self._clock.now_ns(), **details}
        if not self._host.note(kind, details):
            self._pending.append(_Pending(kind, details))
