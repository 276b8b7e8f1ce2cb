"""What is there before a source is open: sources with a live picture each, recent sessions, the demo."""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from rtguide import RESEARCH_NOTICE
from rtguide.overlays.shapes import Tone
from rtguide.ports import FrameSource
from rtguide.view.language import said
from rtguide.view.open_panel import OpenPanel
from rtguide.view.painter import qimage_of
from rtguide.view.previews import PREVIEW_PX, Offer, Preview, Previews
from rtguide.view.theme import font, on_screen, scaled, tone_colour, touch_px

__all__ = ["StartPage", "Tile"]

COLUMNS, MOST = 4, 8
POLL_MS = 100
_LET_GO_POLLS = 30
"""A device that is still held after so many looks is opened all the same: it says itself if it is in use."""
_LINE_PX = 34


class Tile(QPushButton):
    """One thing that can be opened: a picture of it as it is now, and its name."""

    def __init__(self, offer: Offer, parent: QWidget) -> None:
        super().__init__(offer.text, parent)
        self.offer = offer
        self._picture: QPixmap | None = None
        self._why = ""
        self.setToolTip(offer.address)
        self.setAccessibleName(offer.text)
        width, height, line = (round(on_screen(side)) for side in (*PREVIEW_PX, _LINE_PX))
        self._room, self._line = QRect(8, 8, width, height), QRect(8, height + 10, width, line)
        self.setFixedSize(width + 16, height + 16 + line)
        self.setAutoDefault(False)

    @property
    def has_picture(self) -> bool:
        """Whether something is seen there."""
        return self._picture is not None

    @property
    def why(self) -> str:
        """Why nothing is seen there."""
        return self._why

    def show_preview(self, preview: Preview) -> None:
        """What is seen there now, or why nothing is."""
        self._picture = None if preview.pixels is None else QPixmap.fromImage(qimage_of(preview.pixels))
        self._why = preview.why
        self.setToolTip("\n".join(text for text in (self.offer.address, preview.why) if text))
        self.setAccessibleDescription(preview.why)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as it is."""
        return self.size()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """The button's own ground and focus, the picture, the name."""
        painter = QPainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        room = self._room
        if self._picture is not None:
            at = QRect(0, 0, round(on_screen(self._picture.width())), round(on_screen(self._picture.height())))
            at.moveCenter(room.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(at, self._picture)
        else:
            painter.setFont(font(scaled(13)))
            painter.setPen(tone_colour(Tone.MUTED))
            wrap = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(room, wrap, said(self._why) or "…")
        face = font(scaled(16), is_bold=self.hasFocus())
        painter.setFont(face)
        painter.setPen(tone_colour(Tone.TEXT))
        text = QFontMetricsF(face).elidedText(said(self.text()), Qt.TextElideMode.ElideMiddle, float(room.width()))
        painter.drawText(self._line, int(Qt.AlignmentFlag.AlignCenter), text)
        if self.hasFocus():
            painter.setPen(tone_colour(Tone.PATH))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()


class StartPage(QWidget):
    """Tiles for the offers and for what is connected; below them a file, a folder, an address.

    open_source, find: for live pictures and for connected devices; None: tiles without pictures.
    """

    chosen = Signal(str)

    def __init__(
        self,
        offers: Sequence[Offer],
        open_source: Callable[[str], FrameSource] | None = None,
        find: Callable[[], Sequence[Offer]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._offers, self._open, self._find = tuple(offers), open_source, find
        self._previews: Previews | None = None
        self._wanted: str | None = None
        self._polls_left = 0
        self._seen: dict[str, Preview] = {}
        self.tiles: list[Tile] = []
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)
        side = touch_px(self)
        title, notice = QLabel("rtguide", self), QLabel(said(RESEARCH_NOTICE), self)
        title.setFont(font(side * 0.8, is_bold=True))
        notice.setFont(font(side * 0.34))
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        panel = OpenPanel((), self)
        panel.setMaximumWidth(round(COLUMNS * (on_screen(PREVIEW_PX[0]) + 24)))
        panel.chosen.connect(self.choose)
        column = QVBoxLayout(self)
        column.addStretch(2)
        for label in (title, notice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(side // 4)
        column.addLayout(_centred(self._grid))
        column.addLayout(_centred(panel))
        column.addStretch(3)
        self._lay_tiles(self._offers)

    def choose(self, address: str) -> None:
        """Open this, as soon as nothing here holds it; what is chosen in between counts instead."""
        if self._previews is None:
            self.chosen.emit(address)
            return
        self._wanted, self._polls_left = address, _LET_GO_POLLS
        self._previews.stop()

    def close_previews(self) -> None:
        """Let go of every source, and wait for it a little."""
        self._timer.stop()
        previews, self._previews = self._previews, None
        if previews is not None:
            previews.stop()
            previews.join(2.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return presses the button that has the focus, as Space does; arrows go from tile to tile."""
        focus = self.focusWidget()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focus, QPushButton):
            focus.click()
        elif event.key() in steps and isinstance(focus, Tile):
            at = self.tiles.index(focus) + steps[Qt.Key(event.key())]
            if 0 <= at < len(self.tiles):
                self.tiles[at].setFocus()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look into what is there. The first tile has the focus: one press opens the demo."""
        if self._open is not None and self._previews is None:
            self._previews = Previews(self._offers, self._open, self._find)
            self._timer.start()
        if self.tiles:
            self.tiles[0].setFocus()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nobody looks: nothing is held."""
        self._timer.stop()
        previews, self._previews = self._previews, None
        if previews is not None:
            previews.stop()
        super().hideEvent(event)

    def _look(self) -> None:
        """Show what has come, and open what was chosen once it is free."""
        if self._previews is None:
            return
        if self._wanted is not None:
            self._polls_left -= 1
            if self._previews.is_closed or self._polls_left <= 0:
                address, self._wanted = self._wanted, None
                self.chosen.emit(address)
            return
        found = [offer for offer in self._previews.found if offer not in self._offers]
        wanted = (*found, *self._offers) if found else self._offers
        if [tile.offer for tile in self.tiles] != list(wanted)[:MOST]:
            self._lay_tiles(wanted)
        newest = self._previews.newest
        for tile in self.tiles:
            preview = newest.get(tile.offer.address)
            if preview is not None and preview is not self._seen.get(tile.offer.address):
                self._seen[tile.offer.address] = preview
                tile.show_preview(preview)

    def _lay_tiles(self, offers: Sequence[Offer]) -> None:
        """One for each; the one that has the focus keeps it."""
        focus = next((tile.offer for tile in self.tiles if tile.hasFocus()), None)
        for tile in self.tiles:
            self._grid.removeWidget(tile)
            tile.deleteLater()
        self.tiles, self._seen = [], {}
        for number, offer in enumerate(offers[:MOST]):
            tile = Tile(offer, self)
            tile.clicked.connect(lambda _checked=False, address=offer.address: self.choose(address))
            self._grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
            self.tiles.append(tile)
            tile.show()
            if offer == focus:
                tile.setFocus()
        self._grid.setRowMinimumHeight(0, 0 if not offers else math.ceil(on_screen(PREVIEW_PX[1])))


def _centred(what: QGridLayout | QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    if isinstance(what, QWidget):
        row.addWidget(what, 4)
    else:
        row.addLayout(what)
    row.addStretch(1)
    return row
