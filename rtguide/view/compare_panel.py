"""Beside marks made by hand, what a tracker said of the same frames: never of a frame that is not marked yet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rtguide.model.points import Point
from rtguide.training.annotation import Annotation, KeyFrame
from rtguide.training.comparison import Compared, compared, comparisons

__all__ = ["ComparePanel", "paint_line"]

TRACKER = QColor("#00dcff")
_FRAME = Qt.ItemDataRole.UserRole


def paint_line(painter: QPainter, line: Mapping[str, Any], view_point: Callable[[Point], QPointF]) -> None:
    """Draw a line of `rtguide track`: its shaft, its tip as a square, its boxes."""
    needle = line["needle"]
    tip, end = needle["tip"]["px"], needle["shaft_end_px"]
    painter.setPen(QPen(TRACKER, 1.6, Qt.PenStyle.DashDotLine))
    if needle["entry_px"] is not None and (tip or end) is not None:
        painter.drawLine(view_point(tuple(needle["entry_px"])), view_point(tuple(tip or end)))
    for target in line["targets"]:
        if target["box_px"] is not None:
            x, y, width, height = target["box_px"]
            painter.drawRect(QRectF(view_point((x, y)), view_point((x + width, y + height))))
    if tip is not None:
        is_seen = needle["tip"]["state"] == "seen"
        painter.setPen(QPen(TRACKER, 2.0, Qt.PenStyle.SolidLine if is_seen else Qt.PenStyle.DotLine))
        place = view_point(tuple(tip))
        painter.drawRect(QRectF(place.x() - 7.0, place.y() - 7.0, 14.0, 14.0))
        painter.drawText(place + QPointF(10.0, 18.0), f"tracker: {needle['tip']['state']}")


class ComparePanel(QWidget):
    """Marked frames in which the tracker says something else; a click, or N and P, goes there."""

    chosen = Signal(int)
    """A frame."""

    def __init__(self, lines: Sequence[Mapping[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = {int(line["frame"]): line for line in lines}
        self.head, self.list = QLabel(), QListWidget()
        self.head.setWordWrap(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Marked frames in which the tracker says something else")
        self.list.itemClicked.connect(lambda item: self.chosen.emit(int(item.data(_FRAME))))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.head)
        layout.addWidget(self.list, 1)
        self.setFixedWidth(300)

    def line(self, frame: int) -> Mapping[str, Any] | None:
        """What the tracker said of a frame."""
        return self._lines.get(frame)

    def show_marks(self, annotation: Annotation) -> None:
        """Compare anew: the marks have changed."""
        found = comparisons(annotation, self._lines.values())
        differ = [one for one in found if one.trouble]
        offs = sorted(one.tip_off_px for one in found if one.tip_off_px is not None)
        scale = annotation.clip.mm_per_px
        middle = f"; tips {_length(offs[len(offs) // 2], scale)} apart (median of {len(offs)})" if offs else ""
        unscaled = "" if scale is not None else " No scale: distances are not judged; --mm-per-px gives one."
        self.head.setText(f"Tracker differs in {len(differ)} of {len(found)} marked frames{middle}.{unscaled}")
        self.list.clear()
        for one in differ:
            item = QListWidgetItem(f"frame {one.frame}: {one.trouble}")
            item.setData(_FRAME, one.frame)
            self.list.addItem(item)

    def neighbour(self, frame: int, direction: int) -> int | None:
        """The next frame in the list after this one (1), or the last before it (-1)."""
        frames = [int(self.list.item(row).data(_FRAME)) for row in range(self.list.count())]
        ahead = [one for one in frames if direction * (one - frame) > 0]
        return None if not ahead else (min(ahead) if direction > 0 else max(ahead))

    def words(self, key: KeyFrame, mm_per_px: float | None) -> str:
        """The comparison of this frame."""
        line = self.line(key.frame)
        if line is None:
            return "tracker: said nothing of this frame"
        one: Compared = compared(key, line, mm_per_px)
        off = "" if one.tip_off_px is None else f", {_length(one.tip_off_px, mm_per_px)} off"
        near = "".join(f", {name} {_length(px, mm_per_px)}" for name, px in one.structures_off_px.items())
        return f"tracker: tip {one.said}{off}{near}"


def _length(px: float, mm_per_px: float | None) -> str:
    return f"{px:.1f} px" if mm_per_px is None else f"{px * mm_per_px:.1f} mm"
