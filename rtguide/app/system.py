"""What the operating system has to bring, and whether it does. Imports neither cv2 nor Qt."""

import ctypes
import os
import sys
from dataclasses import dataclass

from rtguide.errors import RtguideError

__all__ = ["Library", "apt_line", "has_display", "missing_libraries", "require_libraries", "require_window"]


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library by the name the loader knows it by, and the Debian package that brings it."""

    file_name: str
    debian_package: str


OFFSCREEN = (
    Library("libGL.so.1", "libgl1"),
    Library("libEGL.so.1", "libegl1"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libxcb.so.1", "libxcb1"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libfontconfig.so.1", "libfontconfig1"),
)
"""What OpenCV's and Qt's wheels link to beyond the C library; read off them with ldd."""

X11 = (
    Library("libX11-xcb.so.1", "libx11-xcb1"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
"""What Qt's xcb platform plug-in links to, for a window on an X display."""

FONTS = "fonts-dejavu-core"
"""Qt's wheel brings no font; without any, text is drawn as boxes."""


def has_display() -> bool:
    """Whether a window can be shown: always off Linux; there, if one of three variables names a display."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def missing_libraries(*, is_windowed: bool) -> tuple[Library, ...]:
    """The libraries that cannot be loaded here; empty off Linux, where the wheels bring all they need."""
    if not sys.platform.startswith("linux"):
        return ()
    is_x11 = bool(os.environ.get("DISPLAY")) and os.environ.get("QT_QPA_PLATFORM", "xcb").startswith("xcb")
    wanted = OFFSCREEN + X11 if is_windowed and is_x11 else OFFSCREEN
    return tuple(library for library in wanted if not _loads(library.file_name))


def apt_line(libraries: tuple[Library, ...]) -> str:
    """The one line that installs them, and a font, on Debian."""
    packages = sorted({library.debian_package for library in libraries} | {FONTS})
    return f"apt install {' '.join(packages)}"


def require_libraries(*, is_windowed: bool) -> None:
    """Refuse to go on where system libraries are missing.

    Raises
    ------
    RtguideError
        One line naming the Debian packages.
    """
    missing = missing_libraries(is_windowed=is_windowed)
    if missing:
        found = ", ".join(library.file_name for library in missing)
        raise RtguideError(f"system libraries are missing ({found}); on Debian or Ubuntu run: {apt_line(missing)}")


def require_window(what: str) -> None:
    """Raise with one line where a window cannot be shown.

    Raises
    ------
    RtguideError
        There is no display, or a library is missing.
    """
    if not has_display():
        raise RtguideError(
            f"{what} needs a display and there is none (DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM are not set); "
            "log in to a desktop, or use `rtguide demo --headless` or `rtguide track`"
        )
    require_libraries(is_windowed=True)


def _loads(file_name: str) -> bool:
    try:
        ctypes.CDLL(file_name)
    except OSError:
        return False
    return True
