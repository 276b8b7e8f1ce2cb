"""The one module that imports cv2.

OpenCV's wheel points Qt at its own plug-ins when it is imported, which breaks PySide6 in the same process; the two
variables are put back as they were. Nothing in rtguide calls OpenCV's highgui.
"""

import os

__all__ = ["QT_VARIABLES", "cv2"]

QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")

_before = {name: os.environ.get(name) for name in QT_VARIABLES}

import cv2  # noqa: E402 - the environment has to be read before

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value
