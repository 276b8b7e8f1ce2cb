"""The marks of one annotator while they are edited: every change can be undone and is saved at once."""

from collections.abc import Callable
from dataclasses import replace

from rtguide.errors import RecordingError
from rtguide.model.points import Point
from rtguide.training.annotation import Annotation, KeyFrame, TipSight

__all__ = ["AnnotationMarks"]


class AnnotationMarks:
    """Holds what is marked. save: writes all of it, and may fail; `unsaved` says why until it succeeds."""

    def __init__(self, annotation: Annotation, save: Callable[[Annotation], None]) -> None:
        self._now, self._save = annotation, save
        self._before: list[Annotation] = []
        self._undone: list[Annotation] = []
        self.unsaved = ""

    @property
    def annotation(self) -> Annotation:
        """All of it."""
        return self._now

    def key(self, frame: int) -> KeyFrame:
        """What is marked in a frame; an empty one where nothing is."""
        return self._now.key(frame) or KeyFrame(frame)

    def place_tip(self, frame: int, point: Point) -> None:
        """The tip lies here; hidden and unsure ones stay what they are."""
        key = self.key(frame)
        tip = key.tip if key.tip in (TipSight.HIDDEN, TipSight.UNSURE) else TipSight.VISIBLE
        self._change(replace(key, tip=tip, tip_px=point))

    def say_tip(self, frame: int, tip: TipSight) -> str:
        """What can be said of the tip. Gives what has to be done first, or nothing."""
        key = self.key(frame)
        if tip is TipSight.VISIBLE and key.tip_px is None:
            return "click on the tip: a visible one has a place"
        if tip is TipSight.ABSENT:
            self._change(replace(key, tip=tip, tip_px=None, shaft_px=()))
        else:
            self._change(replace(key, tip=tip))
        return ""

    def draw_shaft(self, frame: int, points: tuple[Point, ...]) -> None:
        """From the entry towards the tip, two points or more."""
        key = self.key(frame)
        tip = key.tip if key.tip not in (None, TipSight.ABSENT) else TipSight.UNSURE
        self._change(replace(key, tip=tip, shaft_px=points))

    def draw_outline(self, frame: int, name: str, points: tuple[Point, ...]) -> None:
        """Closed, three points or more."""
        key = self.key(frame)
        self._change(replace(key, outlines_px={**key.outlines_px, name: points}))

    def clear(self, frame: int) -> None:
        """Nothing is said of this frame."""
        if self._now.key(frame) is not None:
            self._change(KeyFrame(frame))

    def accept_between(self, frame: int) -> bool:
        """Make what is interpolated here a mark of one's own: somebody has looked. False where nothing is."""
        between = self._now.between(frame)
        if between is not None:
            self._change(between)
        return between is not None

    def undo(self) -> bool:
        """Take the last change back."""
        if not self._before:
            return False
        self._undone.append(self._now)
        self._now = self._before.pop()
        self.save()
        return True

    def redo(self) -> bool:
        """Do it after all."""
        if not self._undone:
            return False
        self._before.append(self._now)
        self._now = self._undone.pop()
        self.save()
        return True

    def save(self) -> bool:
        """Write everything; False, and `unsaved` says why, where that fails."""
        try:
            self._save(self._now)
        except RecordingError as error:
            self.unsaved = str(error)
            return False
        self.unsaved = ""
        return True

    def _change(self, key: KeyFrame) -> None:
        self._before.append(self._now)
        self._undone.clear()
        self._now = self._now.marked(key)
        self.save()
