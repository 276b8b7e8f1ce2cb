"""What stands around the picture on a scanner's screen: rulers, grey bar, parameters, logo, keys. Own drawings.

Four layouts in the manner of what is sold: `bare` (picture alone), `clinic` (a portable: text at the left, ticks at
the right), `cart` (a large system: bars above and below, ticks at the left), `tablet` (dots for ticks, little text).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtguide.model.geometry import ImageGeometry
from rtguide.opencv import cv2
from rtguide.phantom.scenario import Scenario

__all__ = ["LAYOUTS", "Layout", "write"]

_INK, _DIM, _FAINT, _MARK = 205, 130, 70, 235


@dataclass(frozen=True, slots=True)
class Layout:
    """top_px: first row of the picture on a 720 px screen · centre: of the picture, in parts of the screen's width ·
    background: grey of the empty screen · clock_px: where the clock is written on a 1280×720 screen, None for none ·
    furnish: draws everything that does not change.
    """

    top_px: int
    centre: float
    background: int
    clock_px: tuple[int, int] | None
    furnish: Callable[[NDArray[np.uint8], Scenario, ImageGeometry], None]


def write(image: NDArray[np.uint8], text: str, at: tuple[int, int], grey: int, size: float = 0.45) -> None:
    """Write in the plain stroke font that small scanners use."""
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, grey, 1, cv2.LINE_AA)


def _nothing(template: NDArray[np.uint8], scenario: Scenario, geometry: ImageGeometry) -> None:
    """The picture alone."""
    del template, scenario, geometry


def _clinic(template: NDArray[np.uint8], scenario: Scenario, geometry: ImageGeometry) -> None:
    """Text and bar at the left, ticks at the right."""
    x0, y0, x1, _ = geometry.bounds_px()
    _ticks(template, scenario, geometry, x1 + 14, 1)
    cv2.circle(template, (max(x0 + 8, 260), y0 - 14), 5, _MARK, -1, cv2.LINE_AA)
    size = template.shape[0] / 720
    write(template, scenario.title.upper(), (round(24 * size), round(26 * size)), _INK, 0.45 * size)
    for number, text in enumerate([*_parameters(scenario), "SIMULATED"]):
        write(template, text, (round(24 * size), round((84 + 24 * number) * size)), _DIM, 0.45 * size)
    _grey_bar(template, (round(26 * size), round(270 * size)), round(180 * size))


def _cart(template: NDArray[np.uint8], scenario: Scenario, geometry: ImageGeometry) -> None:
    """Bars above and below, ticks at the left, parameters at the right."""
    height, width = template.shape
    x0, y0, x1, _ = geometry.bounds_px()
    size = height / 720
    template[: round(36 * size)] = 38
    template[height - round(26 * size) :] = 30
    write(template, "SIMULATED PATIENT", (16, round(24 * size)), _INK, 0.45 * size)
    write(template, scenario.title, (width // 2 - round(90 * size), round(24 * size)), _INK, 0.45 * size)
    for number, key in enumerate(("FREEZE", "DEPTH", "GAIN", "COLOR", "NEEDLE", "STORE")):
        left = 20 + number * (width - 40) // 6
        upper, lower = height - round(23 * size), height - round(4 * size)
        cv2.rectangle(template, (left, upper), (left + round(110 * size), lower), _FAINT, 1)
        write(template, key, (left + round(14 * size), height - round(8 * size)), _DIM, 0.4 * size)
    _ticks(template, scenario, geometry, x0 - 14, -1)
    corner = (max(x1 + 8, min(x1 + round(30 * size), width - round(160 * size))), y0 + round(30 * size))
    for number, text in enumerate(_parameters(scenario)):
        write(template, text, (corner[0], corner[1] + round(22 * number * size)), _DIM, 0.45 * size)
    _grey_bar(template, (corner[0], corner[1] + round(150 * size)), round(150 * size))
    corners = [(0.0, 22.0), (11.0, 0.0), (22.0, 22.0), (11.0, 15.0)]
    logo = np.array([(round(x0 + 4 + x * size), round(y0 + (y - 26) * size)) for x, y in corners], dtype=np.int32)
    cv2.polylines(template, [logo], True, _MARK, 1, cv2.LINE_AA)


def _tablet(template: NDArray[np.uint8], scenario: Scenario, geometry: ImageGeometry) -> None:
    """Dots every 2 mm, larger ones every 10, and a badge with the depth."""
    height, width = template.shape
    x0, y0, x1, y1 = geometry.bounds_px()
    face_y, ppm = geometry.region.face_px()[1], scenario.screen.px_per_mm
    at = min(x1 + 20, width - 12)
    for number in range(int(scenario.probe.depth_mm / 2) + 1):
        y = round(face_y + 2 * number * ppm)
        if y < height:
            cv2.circle(template, (at, y), 5 if number % 5 == 0 else 2, 255, -1, cv2.LINE_AA)
    badge = (at + 14, min(y1 - 6, height - 8))
    write(template, f"{scenario.probe.depth_mm / 10:.1f} cm", badge, 255, 0.6)
    cv2.circle(template, (x0 + 10, y0 - 14), 6, _INK, 1, cv2.LINE_AA)
    write(template, f"Simulated  {scenario.title}", (20, height - 14), _FAINT, 0.4)
    cv2.rectangle(template, (width - 54, 12), (width - 22, 26), _DIM, 1)
    cv2.rectangle(template, (width - 52, 14), (width - 32, 24), _DIM, -1)


def _ticks(
    template: NDArray[np.uint8], scenario: Scenario, geometry: ImageGeometry, at_px: int, direction: int
) -> None:
    """A ruler in centimetres with half ones between; it points away from the picture."""
    face_y, ppm = geometry.region.face_px()[1], scenario.screen.px_per_mm
    for half_cm in range(int(scenario.probe.depth_mm / 5) + 1):
        y = round(face_y + half_cm * 5 * ppm)
        if y >= template.shape[0]:
            break
        is_cm = half_cm % 2 == 0
        stop = at_px + direction * (12 if is_cm else 6)
        cv2.line(template, (at_px, y), (stop, y), _INK if is_cm else _DIM, 1, cv2.LINE_8)
        if is_cm and half_cm:
            write(template, str(half_cm // 2), (stop + (6 if direction > 0 else -18), y + 5), _INK)


def _parameters(scenario: Scenario) -> list[str]:
    probe = scenario.probe
    return [
        f"L {probe.width_mm:.0f}" if probe.kind == "linear" else f"C R{probe.radius_mm:.0f}",
        f"{probe.centre_mhz:.1f} MHz",
        f"Depth {probe.depth_mm / 10:.1f} cm",
        f"DR {scenario.display.dynamic_range_db:.0f} dB",
        f"Gain {60 + scenario.display.gain_db:.0f} %",
    ]


def _grey_bar(template: NDArray[np.uint8], at: tuple[int, int], length: int) -> None:
    room = min(length, template.shape[0] - at[1] - 30)
    if room > 20:
        template[at[1] : at[1] + room, at[0] : at[0] + 14] = np.linspace(255, 0, room).astype(np.uint8)[:, None]


LAYOUTS = {
    "bare": Layout(0, 0.5, 0, None, _nothing),
    "clinic": Layout(44, 0.5, 7, (1184, 26), _clinic),
    "cart": Layout(66, 0.52, 12, (1184, 24), _cart),
    "tablet": Layout(34, 0.47, 0, None, _tablet),
}
