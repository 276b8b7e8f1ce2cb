"""German: nothing is left untranslated, what is shipped is what was translated, and a window in it."""

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from rtguide import RESEARCH_NOTICE
from rtguide.clock import ManualClock
from rtguide.model.event import EventKind
from rtguide.model.frame import SourceKind
from rtguide.model.geometry import Provenance
from rtguide.model.needle import HiddenReason, NeedleTrack, TipState
from rtguide.overlays import Freshness, OverlayOptions, compose
from rtguide.overlays.shapes import Label
from rtguide.view import live_commands, replay_window
from rtguide.view.commands import HelpDialog
from rtguide.view.language import TRANSLATIONS, said, speak
from rtguide.view.marking import AIM, CHOICES
from rtguide.view.words import WORDS
from rtguide.view.workflow import STOP_CHECKS, Stage
from synthetic_scenes import SHAPE, Wish, scene
from window_looks import MakeWindow, at

pytestmark = pytest.mark.qt

VIEW = TRANSLATIONS.parent
TS = TRANSLATIONS / "rtguide_de.ts"
SAME = {"Block", "Details", "LIVE", "SIMULATED", "PLAN", "dicom", "pleura", "Play", "none", "STOP"}
"""Words that may be the same in both."""


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    assert speak(qapp, "de") == "de"
    yield
    assert speak(qapp, "en") == "en"


def messages(path: Path) -> dict[tuple[str, str], ET.Element]:
    found = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            found[context.findtext("name", ""), message.findtext("source", "")] = message
    return found


def tool(name: str) -> str:
    """Qt's tools come with PySide6-Essentials, beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found is not None, f"{name} is missing: install PySide6-Essentials"
    return found


def test_every_string_of_the_window_is_in_the_file_for_translators_and_finished(tmp_path: Path) -> None:
    copy = tmp_path / "new.ts"
    files = [str(path) for path in sorted(VIEW.glob("*.py"))]
    subprocess.run([tool("pyside6-lupdate"), *files, "-ts", str(copy)], check=True, capture_output=True, timeout=120)
    wanted, there = messages(copy), messages(TS)
    assert wanted.keys() == there.keys(), "run the commands of docs/translations.md"
    assert len(wanted) > 300
    for key, message in there.items():
        translation = message.find("translation")
        assert translation is not None
        assert translation.get("type") is None, f"{key} is not translated"
        assert (translation.text or "").strip(), key
        holes = re.compile(r"%\d")
        assert sorted(holes.findall(key[1])) == sorted(holes.findall(translation.text or "")), key


def test_what_is_shipped_is_what_was_translated(tmp_path: Path) -> None:
    made = tmp_path / "made.qm"
    subprocess.run([tool("pyside6-lrelease"), str(TS), "-qm", str(made)], check=True, capture_output=True, timeout=120)
    assert made.read_bytes() == TS.with_suffix(".qm").read_bytes(), "run the commands of docs/translations.md"


SINKS = {
    "setText",
    "setToolTip",
    "setWindowTitle",
    "setAccessibleName",
    "setAccessibleDescription",
    "setPlaceholderText",
    "setSpecialValueText",
    "QLabel",
    "QPushButton",
    "QToolButton",
    "QCheckBox",
    "addItem",
    "addItems",
    "addRow",
    "drawText",
    "label",
    "button",
}
THROUGH = {"tr", "said", "translate", "_say"}
NAMES = {"px", "rtguide", "English", "Deutsch", "rtguide replay", "rtguide – time code", "kg"}
"""What is the same in every language."""


ENGLISH = {"annotate_window.py", "compare_panel.py", "rate_window.py"}
"""The marks' editor and the raters' window speak English: docs/translations.md says why."""


def untranslated(source: str) -> list[str]:
    """Words that are handed to Qt as they stand in the code."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in SINKS:
            for argument in call.args:
                found.extend(_words(argument))
    return found


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in THROUGH or name in SINKS:
            return
    if isinstance(node, (ast.Subscript, ast.Compare)):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        plain = re.sub(r"<[^>]*>|&\w+;", "", node.value)
        if re.search(r"[A-Za-z]{2}", plain) and node.value not in NAMES and plain.strip() not in NAMES:
            yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _words(child)


def test_the_search_finds_what_it_should() -> None:
    assert untranslated('label.setText("not translated")') == ["not translated"]
    assert untranslated('QLabel(f"{n} frames", self)') == [" frames"]
    assert not untranslated('label.setText(self.tr("translated")); b.setText(said(f"{n} frames")); c.setText("✓")')


def test_no_words_reach_qt_as_they_stand_in_the_code() -> None:
    files = [path for path in sorted(VIEW.glob("*.py")) if path.name not in ENGLISH]
    found = {path.name: words for path in files if (words := untranslated(path.read_text("utf-8")))}
    assert len(files) > 50
    assert not found


def is_known(text: str) -> bool:
    return said(text) != text or text in SAME


def test_every_key_state_event_and_reason_has_its_german_word(german: None) -> None:
    texts = [*live_commands.HINTS, *replay_window._HINTS, *STOP_CHECKS, RESEARCH_NOTICE]
    for command in (*live_commands.COMMANDS, *replay_window.COMMANDS):
        texts.append(command.help_text)
        texts.extend([command.label] if re.search("[a-z]", command.label) else [])
    texts += [choice.text for choice in (*CHOICES, AIM)]
    for kind in (EventKind, HiddenReason, NeedleTrack, Provenance):
        texts += [str(value) for value in kind]
    texts += [kind.upper() for kind in SourceKind]
    texts += [f"{stage.upper()} femoral" for stage in Stage if stage.value in ("guide", "stop", "done")]
    assert not [text for text in texts if not is_known(text)]


def test_every_alarm_and_advice_of_the_code_has_its_german_words(german: None) -> None:
    """Every text in `Alarm(…)` and every advice, found in the code, with names and numbers put in."""
    texts = {"hold", "on path", "no scale", "picture late", "tip not visible", "path passes 3.0 mm deep"}
    for path in sorted((VIEW.parent / "guidance").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Alarm" and len(node.args) > 2:
                text = _filled(node.args[2])
                if text:
                    texts.add(text)
    assert len(texts) > 14
    assert not [text for text in texts if not is_known(text)]


def _filled(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    words = iter(("nerve", "3", "3"))
    return "".join(str(part.value) if isinstance(part, ast.Constant) else next(words) for part in node.values)


def test_every_word_over_the_picture_has_its_german_one(german: None) -> None:
    """Every text in `TextLine(…)` and of a message, found in the code; figures alone need no words."""
    texts = set()
    for path in sorted((VIEW.parent / "overlays").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("TextLine", "HudText"):
                number = 0 if getattr(node.func, "id", "") == "TextLine" else 1
                text = _filled(node.args[number]) if len(node.args) > number else ""
                if re.search("[a-z]{3}", text.replace("nerve", "")) and "shaftnerve" not in text:
                    texts.add(text)
    assert {"tip not visible", "predicted"} <= texts
    assert not [text for text in texts if not is_known(text)]


def test_numbers_names_and_parts_find_their_places(german: None) -> None:
    assert said("path passes 3.0 mm deep") == "Weg führt 3.0 mm tiefer vorbei"
    assert said("path meets nerve in 4 mm") == "Weg trifft Nerv in 4 mm"
    assert said("7 lost, 3 late, 12 doubled") == "7 verloren, 3 verspätet, 12 doppelt"
    assert said("0.0625 mm/px (guess, not verified)") == "0.0625 mm/px (geschätzt, nicht geprüft)"
    assert said("end of visible shaft – shadow") == "Ende des sichtbaren Schafts – Schatten"
    assert said("Frau Müllers Nerv") == "Frau Müllers Nerv"
    assert said("12.5 mm") == "12.5 mm"


def test_words_that_nobody_translated_stay_as_they_are_and_english_is_untouched(qapp: QApplication) -> None:
    assert all(said(word) == word for word in WORDS)
    assert speak(qapp, "tlh") == "en"
    assert said("on path") == "on path"


def test_a_window_in_german(make_window: MakeWindow, clock: ManualClock, qtbot: QtBot, german: None) -> None:
    window, _ = make_window(at(clock))
    texts = [button.text() for button in window.bar.findChildren(QToolButton)]
    assert "Aufnahme  R" in texts
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(HelpDialog)
    assert dialog is not None
    assert dialog.windowTitle() == "Tasten"
    assert dialog.sizeHint().height() <= 720
    assert dialog.sizeHint().width() <= 1280


def test_longer_words_get_the_room_they_need(german: None) -> None:
    hidden = scene(Wish(tip=TipState.HIDDEN))
    boxes = []
    for words in (str, said):
        options = OverlayOptions(SHAPE[0] / 1080, words=words)
        labels = [s for s in compose(hidden, Freshness.FRESH, options) if isinstance(s, Label) and s.key == "tip"]
        boxes.append(labels[0].box_px)
    assert boxes[1][2] > 1.1 * boxes[0][2]
