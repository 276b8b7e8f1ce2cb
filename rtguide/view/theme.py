"""Colours, fonts and sizes of everything on screen.

Red, yellow and cyan belong to alarms (IEC 60601-1-8) and are used for nothing else. Green is not used: it reads as
"safe". The needle is a light violet, a colour that neither B-mode nor colour Doppler has; outlines and words are near
white. Form and line carry every meaning; a colour only repeats it.
"""

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QWidget

from rtguide.overlays.shapes import Tone

__all__ = ["BACKGROUND", "CHOSEN", "HALO", "RAISED", "dark_palette", "font", "tone_colour", "touch_px"]

BACKGROUND = "#0d0f12"
RAISED = "#1b1f25"
CHOSEN = "#7a5ea8"
HALO = QColor(0, 0, 0, 190)

_TONES = {
    Tone.NEEDLE: "#d9b8ff",
    Tone.PATH: "#c7a4f2",
    Tone.STRUCTURE: "#f2efe6",
    Tone.TEXT: "#ffffff",
    Tone.MUTED: "#b9bec7",
    Tone.ALARM_HIGH: "#f2352b",
    Tone.ALARM_MEDIUM: "#ffd60a",
    Tone.ALARM_LOW: "#22d3ee",
}

FAMILIES = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "sans-serif"]
"""In this order; DejaVu Sans first because its digits are all one width and it is what fonts-dejavu-core installs."""

TOUCH_MM = 12.0
"""Smallest side of anything that is pressed with a gloved finger."""


def tone_colour(tone: Tone) -> QColor:
    """The colour of a tone."""
    return QColor(_TONES[tone])


def font(size_px: float, *, is_bold: bool = False) -> QFont:
    """The font at a height in device pixels."""
    face = QFont()
    face.setFamilies(FAMILIES)
    face.setPixelSize(max(1, round(size_px)))
    face.setBold(is_bold)
    return face


def touch_px(widget: QWidget) -> int:
    """12 mm on this widget's screen, in its own pixels; screens that claim an absurd density count as 96 dpi."""
    dpi = widget.screen().physicalDotsPerInch()
    if not 60 <= dpi <= 400:
        dpi = 96.0
    return round(TOUCH_MM / 25.4 * dpi)


def dark_palette() -> QPalette:
    """A dark room's palette: the picture is the brightest thing on screen."""
    palette = QPalette()
    role = QPalette.ColorRole
    text, muted, background, raised = QColor("#e8eaed"), QColor("#7c828c"), QColor(BACKGROUND), QColor(RAISED)
    palette.setColor(role.Window, background)
    for which in (role.Button, role.Base, role.AlternateBase, role.ToolTipBase):
        palette.setColor(which, raised)
    for which in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText):
        palette.setColor(which, text)
    palette.setColor(role.PlaceholderText, muted)
    palette.setColor(role.Highlight, QColor(CHOSEN))
    palette.setColor(role.HighlightedText, QColor("#ffffff"))
    palette.setColor(role.Link, QColor("#d9b8ff"))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, muted)
    return palette
