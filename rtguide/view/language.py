"""The user's language: Qt's own words by a translator, everything else by `said`, which knows numbers and names."""

import re
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from rtguide.view.words import WORDS

__all__ = ["TRANSLATIONS", "Speech", "said", "speak"]

TRANSLATIONS = Path(__file__).parent / "translations"
_SPEECH = "rtguide speech"
_MOST_KEPT = 2_000
_HOLE = re.compile(r"%(\d)")
_DEEPEST = 4


class Speech:
    """One language's words. For the GUI thread."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.translators: list[QTranslator] = []
        self._kept: dict[str, str] = {}

    def say(self, text: str) -> str:
        """In this language, or as it is where nobody has translated it."""
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[text] = self._said(text, 0)
        return found

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """The longest first: what is most particular is tried first."""
        templates = sorted((word for word in WORDS if "%1" in word), key=lambda word: -len(_HOLE.sub("", word)))
        return [(_pattern(word), QCoreApplication.translate("words", word)) for word in templates]

    def _said(self, text: str, depth: int) -> str:
        known = QCoreApplication.translate("words", text)
        if known != text or depth > _DEEPEST or not re.search(r"[A-Za-z]", text):
            return known
        for separator in (" · ", " – "):
            if separator in text and text not in WORDS:
                parts = text.split(separator)
                whole = self._by_template(text, depth)
                return whole if whole is not None else separator.join(self._said(part, depth + 1) for part in parts)
        whole = self._by_template(text, depth)
        return text if whole is None else whole

    def _by_template(self, text: str, depth: int) -> str | None:
        for pattern, translated in self._templates:
            match = pattern.fullmatch(text)
            if match is not None:
                whole = translated
                for number, part in enumerate(match.groups(), start=1):
                    whole = whole.replace(f"%{number}", self._said(part, depth + 1))
                return whole
        return None


def said(text: str) -> str:
    """In the application's language."""
    app = QCoreApplication.instance()
    speech = None if app is None else app.property(_SPEECH)
    return speech.say(text) if isinstance(speech, Speech) else text


def speak(app: QCoreApplication, language: str) -> str:
    """Install a language for every window made from now on; empty: the system's. What it is then, `en` or another."""
    before = app.property(_SPEECH)
    if isinstance(before, Speech):
        for translator in before.translators:
            app.removeTranslator(translator)
    app.setProperty(_SPEECH, None)
    code = language or QLocale.system().name().partition("_")[0]
    ours = QTranslator(app)
    if code == "en" or not ours.load(str(TRANSLATIONS / f"rtguide_{code}.qm")):
        return "en"
    speech = Speech(code)
    qt = QTranslator(app)
    if qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        speech.translators.append(qt)
    speech.translators.append(ours)
    for translator in speech.translators:
        app.installTranslator(translator)
    app.setProperty(_SPEECH, speech)
    return code


def _pattern(template: str) -> re.Pattern[str]:
    parts = _HOLE.split(template)
    return re.compile("".join(re.escape(part) if number % 2 == 0 else "(.+?)" for number, part in enumerate(parts)))
