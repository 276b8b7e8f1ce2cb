"""Colours, fonts and sizes of everything on screen.

Red, yellow and cyan belong to alarms (IEC 60601-1-8) and are used for nothing else. Green is not used: it reads as
"safe". The needle is a light violet, a colour that neither B-mode nor colour Doppler has; outlines and words are near
white. Form and line carry every meaning; a colour only repeats it.
"""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from rtguide.errors import ConfigError
from rtguide.overlays.shapes import Tone

__all__ = [
    "BACKGROUND",
    "CHOSEN",
    "HALO",
    "RAISED",
    "TEXT_SCALES",
    "Looks",
    "dark_palette",
    "dress",
    "font",
    "looks",
    "on_screen",
    "scaled",
    "screen_growth",
    "tone_colour",
    "touch_px",
]

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

_STARK_TONES = _TONES | {
    Tone.NEEDLE: "#f3e6ff",
    Tone.PATH: "#ecdcff",
    Tone.STRUCTURE: "#ffffff",
    Tone.MUTED: "#ffffff",
}
"""With high contrast nothing is grey: what was muted is told by its size alone."""

_STARK_SHEET = """
QPushButton, QToolButton, QLineEdit, QListWidget, QComboBox, QDialog { border: 2px solid #ffffff }
QPushButton, QToolButton { padding: 2px 6px }
QPushButton:checked, QToolButton:checked { background: #ffffff; color: #000000 }
QCheckBox::indicator { width: 26px; height: 26px; border: 2px solid #ffffff }
QCheckBox::indicator:checked { background: #ffffff }
QPushButton:focus { border: 5px solid #ffffff }
"""

TEXT_SCALES = (1.0, 1.25, 1.5, 2.0)

_USUAL_SCREEN, _USUAL_DPI, _MOST_GROWTH = (1920, 1080), 96.0, 2.0

_LOOKS = "rtguide looks"


@dataclass(frozen=True, slots=True)
class Looks:
    """How large words and buttons are, 1 to 2, and whether everything is black and white."""

    text_scale: float = 1.0
    is_stark: bool = False

    def __post_init__(self) -> None:
        if not 1.0 <= self.text_scale <= 2.0:
            raise ConfigError(f"words are 1 to 2 times as large as usual, not {self.text_scale}")


def looks() -> Looks:
    """Those of the application, or the usual ones."""
    app = QCoreApplication.instance()
    found = None if app is None else app.property(_LOOKS)
    return found if isinstance(found, Looks) else Looks()


def dress(app: QApplication, wanted: Looks) -> None:
    """Give the application these looks. Contrast changes at once, sizes with the next window."""
    app.setProperty(_LOOKS, wanted)
    app.setPalette(stark_palette() if wanted.is_stark else dark_palette())
    app.setStyleSheet(_STARK_SHEET if wanted.is_stark else "")
    for widget in app.topLevelWidgets():
        widget.update()


def scaled(size_px: float) -> float:
    """A size in the user's scale, and larger on a large screen."""
    return looks().text_scale * on_screen(size_px)


def on_screen(size_px: float) -> float:
    """A size that is larger on a large screen: it is read from as far away as a small one."""
    screen = QGuiApplication.primaryScreen()
    return size_px * (1.0 if screen is None else _growth_on(screen))


def _growth_on(screen: QScreen) -> float:
    return screen_growth(screen.size().width(), screen.size().height())


def screen_growth(width: int, height: int) -> float:
    """How much larger words and buttons are on a screen of so many pixels, as Qt counts them: 1 to 2."""
    return min(max(min(width / _USUAL_SCREEN[0], height / _USUAL_SCREEN[1]), 1.0), _MOST_GROWTH)


FAMILIES = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "sans-serif"]
"""In this order; DejaVu Sans first because its digits are all one width and it is what fonts-dejavu-core installs."""

TOUCH_MM = 12.0
"""Smallest side of anything that is pressed with a gloved finger."""


def tone_colour(tone: Tone) -> QColor:
    """The colour of a tone."""
    return QColor((_STARK_TONES if looks().is_stark else _TONES)[tone])


def font(size_px: float, *, is_bold: bool = False) -> QFont:
    """The font at a height in device pixels."""
    face = QFont()
    face.setFamilies(FAMILIES)
    face.setPixelSize(max(1, round(size_px)))
    face.setBold(is_bold)
    return face


def touch_px(widget: QWidget) -> int:
    """12 mm on this widget's screen, or more in the user's scale, in its own pixels.

    Screens that claim an absurd density count as 96 dpi. On a large screen buttons are larger, for their words are
    read from as far away as those of a small one.
    """
    screen = widget.screen()
    dpi = screen.physicalDotsPerInch()
    if not 60 <= dpi <= 400:
        dpi = _USUAL_DPI
    growth = _growth_on(screen)
    if growth > 1.0:
        dpi = max(dpi, growth * _USUAL_DPI)
    return round(looks().text_scale * TOUCH_MM / 25.4 * dpi)


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


def stark_palette() -> QPalette:
    """Black and white, nothing in between."""
    palette = dark_palette()
    role, black, white = QPalette.ColorRole, QColor("#000000"), QColor("#ffffff")
    for which in (role.Window, role.Button, role.Base, role.AlternateBase, role.ToolTipBase, role.HighlightedText):
        palette.setColor(which, black)
    for which in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.PlaceholderText, role.Highlight):
        palette.setColor(which, white)
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor("#b0b0b0"))
    return palette
