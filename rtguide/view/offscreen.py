"""The window's painter without a window: for `--video`, exports, reports and goldens."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from rtguide.model.scene import Scene
from rtguide.opencv import cv2
from rtguide.overlays import Freshness, Hint, OverlayOptions, compose, hints_of
from rtguide.overlays.ink import UNITS_HIGH
from rtguide.view.application import application
from rtguide.view.fit import Fit
from rtguide.view.hud import INSET_BOTTOM_UNITS, INSET_TOP_UNITS, paint_inset
from rtguide.view.painter import ShapePainter, qimage_of

__all__ = ["ScenePainter"]


class ScenePainter:
    """Paints scenes at the frame's own size, with the words at the edge inside the picture.

    It keeps where the labels stood, so that they stay in their places from one scene to the next: use one painter for
    one run of scenes, from one thread.
    """

    def __init__(self) -> None:
        self._app = application(is_offscreen=True)
        self._shape_painter = ShapePainter()
        self._hints: tuple[Hint, ...] = ()

    def paint(self, scene: Scene) -> NDArray[np.uint8]:
        """The full frame with its overlay and the research notice: uint8 (h, w, 3) RGB, the frame's own size."""
        pixels = scene.frame.pixels
        canvas = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels.copy()
        out: NDArray[np.uint8] = np.ascontiguousarray(canvas, dtype=np.uint8)
        height, width = scene.frame.shape_px
        unit_px = height / UNITS_HIGH
        room = (0.0, INSET_TOP_UNITS * unit_px, float(width), height - (INSET_TOP_UNITS + INSET_BOTTOM_UNITS) * unit_px)
        options = OverlayOptions(unit_px=unit_px, view_px=room, hints=self._hints)
        shapes = compose(scene, Freshness.FRESH, options)
        self._hints = hints_of(shapes)
        image = qimage_of(out)
        painter = QPainter(image)
        fit = Fit(0.0, 0.0, 1.0, (height, width))
        self._shape_painter.paint(painter, shapes, fit, unit_px)
        paint_inset(painter, shapes, QRectF(0, 0, width, height), (unit_px, self._shape_painter.lettering))
        painter.end()
        return out
