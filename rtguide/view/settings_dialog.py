"""Settings, and what this is: versions, licence, the research notice."""

import importlib.metadata
import platform

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

from rtguide import RESEARCH_NOTICE, __version__
from rtguide.view.commands import Command
from rtguide.view.language import said
from rtguide.view.preferences import LANGUAGES, Preferences, PreferenceStore
from rtguide.view.theme import TEXT_SCALES, Looks, dress, font, looks, scaled, touch_px

__all__ = ["SETTINGS_COMMANDS", "AboutDialog", "SettingsDialog"]

SETTINGS_COMMANDS = (
    Command("settings", "", ("F10",), "settings: language, size of words, high contrast"),
    Command("about", "", ("Shift+F1",), "about: versions, licence, notice"),
)

_PARTS = ("PySide6-Essentials", "pyqtgraph", "numpy", "numba", "opencv-python", "av", "pydicom")
"""What the window and what it shows are made with."""


class SettingsDialog(QDialog):
    """Changes are kept at once; contrast is seen at once, language and size when rtguide is opened next."""

    changed = Signal(object)
    """The Preferences."""

    def __init__(self, store: PreferenceStore, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        now = store.read()
        self.language, self.text_size, self.contrast = QComboBox(self), QComboBox(self), QCheckBox(self)
        names = (self.tr("as the system has it"), "English", "Deutsch")
        self.language.addItems(list(names))
        self.language.setCurrentIndex(LANGUAGES.index(now.language))
        self.text_size.addItems([f"{100 * scale:.0f} %" for scale in TEXT_SCALES])
        self.text_size.setCurrentIndex(TEXT_SCALES.index(now.looks.text_scale))
        self.contrast.setText(self.tr("black and white"))
        self.contrast.setChecked(now.looks.is_stark)
        self.trouble = QLabel(store.trouble, self)
        note = QLabel(self.tr("Language and size change when rtguide is opened next."), self)
        form = QFormLayout()
        rows = (
            (self.tr("Language"), self.language),
            (self.tr("Size of words and buttons"), self.text_size),
            (self.tr("High contrast"), self.contrast),
        )
        for text, part in rows:
            part.setMinimumHeight(touch_px(self))
            part.setFont(font(scaled(16)))
            part.setAccessibleName(text)
            name = QLabel(text, self)
            name.setFont(font(scaled(16)))
            form.addRow(name, part)
        for label in (note, self.trouble):
            label.setFont(font(scaled(15)))
            label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(self.trouble)
        self.setMinimumWidth(round(scaled(480)))
        self.language.currentIndexChanged.connect(self._change)
        self.text_size.currentIndexChanged.connect(self._change)
        self.contrast.toggled.connect(self._change)

    def _change(self) -> None:
        chosen = Looks(TEXT_SCALES[self.text_size.currentIndex()], self.contrast.isChecked())
        wanted = Preferences(LANGUAGES[self.language.currentIndex()], chosen)
        self._store.write(wanted)
        self.trouble.setText(self._store.trouble)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            dress(app, Looks(looks().text_scale, chosen.is_stark))
        self.changed.emit(wanted)


class AboutDialog(QDialog):
    """Versions of rtguide and of what it is made with, its licence, and what it is not for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About rtguide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = [("rtguide", __version__), ("Python", platform.python_version()), *map(_version, _PARTS)]
        table = "".join(f"<tr><td style='padding-right:18px'>{name}</td><td>{found}</td></tr>" for name, found in rows)
        licence = self.tr("BSD 3-clause licence. Made with libraries under their own licences: docs/dependencies.md.")
        label = QLabel(
            f"<h2>rtguide</h2><p><b>{said(RESEARCH_NOTICE)}</b></p><table>{table}</table><p>{licence}</p>", self
        )
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        label.setFont(font(scaled(16)))
        label.setMinimumWidth(round(scaled(480)))
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.addWidget(label)


def _version(name: str) -> tuple[str, str]:
    try:
        return name, importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name, "–"
