"""Where a frame lies on a view: as it came, or turned to the operator's side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform

from rtguide.model.points import Point
from rtguide.overlays.shapes import Box

__all__ = ["UNTURNED", "Fit", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """How the picture is turned to the operator. is_mirrored: left and right change · is_half_turned: by 180°.

    Words are never turned; what is drawn of them says left and right as they are on the screen.
    """

    is_mirrored: bool = False
    is_half_turned: bool = False

    @property
    def flips_x(self) -> bool:
        """Whether left and right change."""
        return self.is_mirrored is not self.is_half_turned

    @property
    def flips_y(self) -> bool:
        """Whether up and down change."""
        return self.is_half_turned

    @property
    def is_any(self) -> bool:
        """Whether it differs from what the scanner shows."""
        return self.is_mirrored or self.is_half_turned

    def words(self) -> str:
        """What is always said on screen; empty for the picture as it came."""
        parts = [word for word, so in (("MIRRORED", self.is_mirrored), ("TURNED", self.is_half_turned)) if so]
        return " · ".join(parts)


UNTURNED = Turn()


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a frame, or a part of it, lies on a view.

    left, top: of the part on the view · scale: view pixels a frame pixel · shape_px: (height, width) of the part ·
    origin_px: its top-left pixel in the frame · turn: how it is turned.
    """

    left: float
    top: float
    scale: float
    shape_px: tuple[int, int]
    origin_px: tuple[int, int] = (0, 0)
    turn: Turn = UNTURNED

    @classmethod
    def into(cls, shape_px: tuple[int, int], room: QRectF) -> "Fit":
        """The largest fit of a whole frame that keeps the aspect, centred, on whole pixels."""
        height, width = shape_px
        return cls.of_part((0, 0, width, height), room, UNTURNED)

    @classmethod
    def of_part(cls, part_px: tuple[int, int, int, int], room: QRectF, turn: Turn) -> "Fit":
        """Likewise of a part (x0, y0, x1, y1) in whole pixels, x1 and y1 exclusive, turned."""
        x0, y0, x1, y1 = part_px
        width, height = x1 - x0, y1 - y0
        scale = max(min(room.width() / width, room.height() / height), 1e-6)
        left = round(room.x() + (room.width() - width * scale) / 2)
        top = round(room.y() + (room.height() - height * scale) / 2)
        return cls(left, top, scale, (height, width), (x0, y0), turn)

    @property
    def rect(self) -> QRectF:
        """The part on the view."""
        return QRectF(self.left, self.top, self.shape_px[1] * self.scale, self.shape_px[0] * self.scale)

    def view_from_image(self, point_px: Point) -> Point:
        """Where a frame pixel lies on the view."""
        u, v = point_px[0] - self.origin_px[0] + 0.5, point_px[1] - self.origin_px[1] + 0.5
        u = self.shape_px[1] - u if self.turn.flips_x else u
        v = self.shape_px[0] - v if self.turn.flips_y else v
        return self.left + u * self.scale, self.top + v * self.scale

    def image_from_view(self, x: float, y: float) -> Point:
        """What frame pixel lies at a point of the view."""
        u, v = (x - self.left) / self.scale, (y - self.top) / self.scale
        u = self.shape_px[1] - u if self.turn.flips_x else u
        v = self.shape_px[0] - v if self.turn.flips_y else v
        return u - 0.5 + self.origin_px[0], v - 0.5 + self.origin_px[1]

    def way(self, dx: float, dy: float) -> Point:
        """A way on the view as it is in the picture, in view pixels."""
        return -dx if self.turn.flips_x else dx, -dy if self.turn.flips_y else dy

    def corner(self, box_px: Box) -> Point:
        """Where the top-left corner on the view of a box lies that is upright whatever the turn."""
        x, y, width, height = box_px
        ends = [self.view_from_image((x, y)), self.view_from_image((x + width, y + height))]
        return min(end[0] for end in ends), min(end[1] for end in ends)

    def image_box(self, room: QRectF) -> Box:
        """The part of the image plane that a rectangle of the view shows, which may reach beyond the frame."""
        ends = [self.image_from_view(room.left(), room.top()), self.image_from_view(room.right(), room.bottom())]
        x, y = (min(end[axis] for end in ends) for axis in (0, 1))
        return x, y, room.width() / self.scale, room.height() / self.scale

    def transform(self) -> QTransform:
        """From image to view coordinates, for a QPainter."""
        x, y = self.view_from_image((0.0, 0.0))
        sx, sy = self.way(self.scale, self.scale)
        return QTransform(sx, 0, 0, sy, x, y)

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of a frame's pixels, (h, w) or (h, w, 3), not turned yet."""
        (x, y), (height, width) = self.origin_px, self.shape_px
        return pixels[y : y + height, x : x + width]

    def turned(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels as the view shows them."""
        pixels = pixels[:, ::-1] if self.turn.flips_x else pixels
        return pixels[::-1] if self.turn.flips_y else pixels
