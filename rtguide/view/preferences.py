"""What the user has set and how the window stood, kept from one run to the next."""

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from rtguide.errors import ConfigError
from rtguide.view.theme import TEXT_SCALES, Looks

__all__ = ["LANGUAGES", "REMEMBERED", "PreferenceStore", "Preferences"]

LANGUAGES = ("", "en", "de")
"""What can be chosen; empty: the system's."""

REMEMBERED = ("details", "events")
"""Panels that are open again when the window is."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """language: one of `LANGUAGES`."""

    language: str = ""
    looks: Looks = field(default_factory=Looks)

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ConfigError(f"language {self.language!r} is none of {', '.join(LANGUAGES[1:])}")


class PreferenceStore:
    """An INI file; None keeps nothing. What cannot be read is as if nothing had been set, and `trouble` says so."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = None if path is None else QSettings(str(path), QSettings.Format.IniFormat)
        self.trouble = ""

    def read(self) -> Preferences:
        """What was set."""
        if self._kept is None:
            return Preferences()
        language = str(self._kept.value("language", ""))
        scale, is_stark = str(self._kept.value("text_scale", "1")), str(self._kept.value("high_contrast", "false"))
        try:
            if float(scale) not in TEXT_SCALES:
                raise ConfigError(f"text_scale {scale} is none of {', '.join(map(str, TEXT_SCALES))}")
            return Preferences(language, Looks(float(scale), is_stark == "true"))
        except (ConfigError, ValueError) as error:
            self.trouble = f"{self._path}: {error}; the usual settings are used"
            return Preferences()

    def write(self, wanted: Preferences) -> None:
        """Keep it; a disk that refuses is said by `trouble`."""
        if self._kept is None:
            return
        self._kept.setValue("language", wanted.language)
        self._kept.setValue("text_scale", f"{wanted.looks.text_scale:g}")
        self._kept.setValue("high_contrast", "true" if wanted.looks.is_stark else "false")
        self._sync()

    def restore(self, window: QWidget, actions: dict[str, QAction]) -> None:
        """Put the window where it was, on a screen that is there, with the panels it had."""
        if self._kept is None:
            return
        place = self._kept.value("window")
        if isinstance(place, QByteArray):
            window.restoreGeometry(place)
        for name in REMEMBERED:
            action = actions.get(name)
            if action is not None and str(self._kept.value(f"open/{name}", "false")) == "true":
                action.setEnabled(True)
                action.trigger()

    def remember(self, window: QWidget, actions: dict[str, QAction]) -> None:
        """How the window stands now."""
        if self._kept is None:
            return
        self._kept.setValue("window", window.saveGeometry())
        for name in REMEMBERED:
            self._kept.setValue(f"open/{name}", "true" if name in actions and actions[name].isChecked() else "false")
        self._sync()

    def _sync(self) -> None:
        assert self._kept is not None
        self._kept.sync()
        if self._kept.status() is not QSettings.Status.NoError:
            self.trouble = f"{self._path}: settings cannot be kept; is the folder writable?"
