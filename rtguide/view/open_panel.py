"""Where a source is chosen: an address to type, a file to find, what is known already."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rtguide.view.theme import font, scaled, touch_px

__all__ = ["OpenDialog", "OpenPanel"]


class OpenPanel(QWidget):
    """Gives the address that was chosen. offers: (what to call it, address), each a button."""

    chosen = Signal(str)

    def __init__(self, offers: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = touch_px(self)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        for text, address in offers:
            button = self._button(text)
            button.setToolTip(address)
            button.clicked.connect(lambda _checked=False, address=address: self.chosen.emit(address))
            column.addWidget(button)
        paths = QHBoxLayout()
        file_button, folder_button = self._button(self.tr("Video file…")), self._button(self.tr("Session folder…"))
        file_button.clicked.connect(lambda: self._find(QFileDialog.FileMode.ExistingFile))
        folder_button.clicked.connect(lambda: self._find(QFileDialog.FileMode.Directory))
        paths.addWidget(file_button)
        paths.addWidget(folder_button)
        column.addLayout(paths)
        self.address = QLineEdit(self)
        self.address.setPlaceholderText(self.tr("address: a path, sim:femoral, replay:PATH?loop=1"))
        self.address.setAccessibleName(self.tr("Source address"))
        self.address.setMinimumHeight(self._side)
        self.address.setFont(font(self._side * 0.36))
        self.address.returnPressed.connect(self._take_address)
        open_button = self._button(self.tr("Open"))
        open_button.clicked.connect(self._take_address)
        line = QHBoxLayout()
        line.addWidget(self.address, 1)
        line.addWidget(open_button)
        column.addLayout(line)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setMinimumHeight(self._side)
        button.setFont(font(self._side * 0.36))
        button.setAutoDefault(False)
        return button

    def _take_address(self) -> None:
        address = self.address.text().strip()
        if address:
            self.chosen.emit(address)

    def _find(self, mode: QFileDialog.FileMode) -> None:
        """Qt's own file dialog, which does not hold up the picture."""
        dialog = QFileDialog(self, self.tr("Open a source"), str(Path.home()))
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.chosen.emit)
        dialog.open()


class OpenDialog(QDialog):
    """The same as a dialog that closes once something is chosen."""

    chosen = Signal(str)

    def __init__(self, offers: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open a source"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.panel = OpenPanel(offers, self)
        self.panel.chosen.connect(self._chosen)
        column = QVBoxLayout(self)
        column.addWidget(self.panel)
        self.setMinimumWidth(round(scaled(620)))

    def _chosen(self, address: str) -> None:
        self.chosen.emit(address)
        self.accept()
