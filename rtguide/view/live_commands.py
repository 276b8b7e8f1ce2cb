"""The live window's commands: one table for keys, buttons and help."""

from rtguide.view.commands import Command
from rtguide.view.dose_desk import DOSE_COMMANDS
from rtguide.view.event_panel import EVENT_COMMANDS
from rtguide.view.path_desk import PATH_COMMANDS
from rtguide.view.procedure import PROCEDURE_COMMANDS
from rtguide.view.settings_dialog import SETTINGS_COMMANDS
from rtguide.view.sights import SIGHT_COMMANDS
from rtguide.view.sound import SOUND_COMMANDS

__all__ = ["COMMANDS", "HINTS"]

COMMANDS = (
    *PROCEDURE_COMMANDS,
    Command(
        "mark",
        "Mark",
        ("M",),
        "mark: drag around a structure, or click in it; click elsewhere: aim",
        is_checkable=True,
    ),
    Command("needle", "", ("N",), "point at the needle: click on it, or draw it from entry to tip", is_checkable=True),
    Command("across", "", ("F7",), "look for a needle that crosses the plane, and again for one in it"),
    Command("clear", "", ("C",), "forget every mark"),
    Command("record", "Record", ("R",), "start or stop recording", is_checkable=True),
    Command("open", "Open", ("O",), "open another source"),
    Command("seen", "Seen", ("K",), "take note of every alarm that stands: it no longer flashes"),
    Command("inject", "Inject", ("J",), "injecting begins, and ends", is_checkable=True),
    *EVENT_COMMANDS,
    *DOSE_COMMANDS,
    *PATH_COMMANDS,
    Command("hide", "Hide", ("H", "Space"), "hide every overlay: the untouched picture", is_checkable=True),
    *SIGHT_COMMANDS,
    Command("full", "Full", ("F", "F11"), "full screen, and back", is_checkable=True),
    Command("mirror", "", ("F5",), "the picture left to right, as seen from the other side"),
    Command("turn", "", ("F6",), "the picture upside down, as seen from across"),
    Command("scale", "", ("U",), "millimetres: read this screen's ruler, look, accept, keep"),
    Command("whole", "", ("W",), "take the whole frame as the image region"),
    Command("steer", "Hands", ("P",), "take probe and needle of a simulated patient in hand", is_checkable=True),
    *SOUND_COMMANDS,
    *SETTINGS_COMMANDS,
    Command("help", "?", ("F1", "?"), "this list"),
)

HINTS = (
    "In a procedure (Y) Enter goes on: ticks the next item, confirms, begins and ends injecting; Esc goes back.",
    "With a simulated patient in hand (P), a panel beside the picture says which keys move probe and needle.",
    "Dragging a box marks a structure at any time; while marking (M) a click proposes its outline, or aims.",
    "Solid lines are measured in this frame, dashed ones carried on; hollow ones are old.",
    "A double outline is a nerve to reach beside, a barbed one is kept out of.",
)
