"""The scanner's screen: where the picture lies on it, and what is written around it."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtguide.errors import ConfigError
from rtguide.model.geometry import FanRegion, ImageGeometry, MarkSide, Provenance, RectRegion, Region, SlantRegion
from rtguide.opencv import cv2
from rtguide.phantom.beam import BeamGrid
from rtguide.phantom.scenario import Scenario
from rtguide.phantom.screen_furniture import LAYOUTS, write

__all__ = ["Screen", "misfit"]

_CLOCK_GREY = 130


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A screen with an empty picture. template: uint8 (h, w) · maps: for curved probes, where each pixel of the bounds
    looks on the grid of the picture alone (fixed-point, as OpenCV's remap wants them); None for linear ones.
    """

    grid: BeamGrid
    geometry: ImageGeometry
    px_per_mm: float
    template: NDArray[np.uint8]
    maps: tuple[NDArray[np.int16], NDArray[np.uint16]] | None
    clock_px: tuple[int, int] | None

    @classmethod
    def design(cls, scenario: Scenario, grid: BeamGrid) -> "Screen":
        """Lay out the screen of a scenario.

        Raises
        ------
        ConfigError
            The picture does not fit on the screen.
        """
        settings, ppm = scenario.screen, scenario.screen.px_per_mm
        shape = (settings.height_px, settings.width_px)
        layout = LAYOUTS[settings.layout]
        region = _region(scenario, _top_px(scenario), layout.centre)
        problem = misfit(scenario)
        if problem is not None:
            raise ConfigError(f"{scenario.name}: {problem}")
        geometry = ImageGeometry(shape, region, (1 / ppm, 1 / ppm), Provenance.DEVICE, MarkSide.UNKNOWN)
        template = _template(scenario, geometry)
        maps = None if isinstance(region, RectRegion) else _fan_maps(grid, geometry, ppm)
        return cls(grid, geometry, ppm, template, maps, layout.clock_px)

    def with_gain(self, scenario: Scenario, gain_db: float) -> "Screen":
        """The same screen of a scenario after the gain knob was turned by so much: its text says so."""
        display = scenario.display.model_copy(update={"gain_db": scenario.display.gain_db + gain_db})
        return replace(self, template=_template(scenario.model_copy(update={"display": display}), self.geometry))

    def to_px(self, x_mm: NDArray[np.float64], z_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the probe frame in image pixels, float64 (n, 2)."""
        face = self.geometry.region.face_px()
        return np.column_stack([face[0] + x_mm * self.px_per_mm, face[1] + z_mm * self.px_per_mm])

    def show(self, picture: NDArray[np.uint8], clock_s: float) -> NDArray[np.uint8]:
        """A new frame with the picture (uint8, samples × beams without margins) on the screen."""
        frame = self.template.copy()
        x0, y0, x1, y1 = self.geometry.bounds_px()
        if self.maps is None:
            frame[y0:y1, x0:x1] = cv2.resize(picture, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        else:
            cv2.remap(picture, *self.maps, cv2.INTER_LINEAR, frame[y0:y1, x0:x1], cv2.BORDER_TRANSPARENT)
        if self.clock_px is not None:
            size = frame.shape[0] / 720
            at = (frame.shape[1] - round((1280 - self.clock_px[0]) * size), round(self.clock_px[1] * size))
            write(frame, f"{int(clock_s // 60):02d}:{clock_s % 60:04.1f}", at, _CLOCK_GREY, 0.45 * size)
        return frame


def _template(scenario: Scenario, geometry: ImageGeometry) -> NDArray[np.uint8]:
    """The screen with everything but the picture and the clock."""
    layout = LAYOUTS[scenario.screen.layout]
    template = np.full(geometry.shape_px, layout.background, dtype=np.uint8)
    layout.furnish(template, scenario, geometry)
    x0, y0, x1, y1 = geometry.bounds_px()
    if isinstance(geometry.region, RectRegion):
        template[y0:y1, x0:x1] = 0
    return template


def misfit(scenario: Scenario) -> str | None:
    """Why the picture does not fit on its screen, and what to do about it; None when it does."""
    settings, top = scenario.screen, _top_px(scenario)
    box = _region(scenario, top, LAYOUTS[settings.layout].centre).bounds()
    if box.x >= 0 and box.x + box.width <= settings.width_px and box.y + box.height <= settings.height_px:
        return None
    return (
        f"the picture is {box.width:.0f}×{box.height:.0f} px and does not fit on "
        f"{settings.width_px}×{settings.height_px} px below {top} px: "
        f"make screen.px_per_mm = {settings.px_per_mm:g} smaller"
    )


def _top_px(scenario: Scenario) -> int:
    return round(LAYOUTS[scenario.screen.layout].top_px * scenario.screen.height_px / 720)


def _region(scenario: Scenario, top: int, centre: float) -> Region:
    probe, ppm = scenario.probe, scenario.screen.px_per_mm
    if probe.trapezoid_deg > 0:
        return _trapezoid(scenario, top, centre)
    if probe.kind == "linear":
        width = round(probe.width_mm * ppm)
        left = round(scenario.screen.width_px * centre - width / 2)
        if probe.steer_deg != 0:
            slant = math.radians(probe.steer_deg)
            return SlantRegion(float(left), float(top), float(width), float(round(probe.depth_mm * ppm)), slant)
        return RectRegion(float(left), float(top), float(width), float(round(probe.depth_mm * ppm)))
    half = math.radians(probe.field_deg) / 2
    sag = probe.radius_mm * (1 - math.cos(half))
    apex = (scenario.screen.width_px * centre, top + (sag - probe.radius_mm) * ppm)
    clip = RectRegion(0.0, float(top), float(scenario.screen.width_px), float(scenario.screen.height_px - top))
    return FanRegion(apex, probe.radius_mm * ppm, (probe.radius_mm + probe.depth_mm) * ppm, -half, half, clip)


def _trapezoid(scenario: Scenario, top: int, centre: float) -> FanRegion:
    """A fan from the beams' virtual meeting point, cut level at the face and at the depth."""
    probe, ppm = scenario.probe, scenario.screen.px_per_mm
    half, apex = math.radians(probe.trapezoid_deg), probe.virtual_apex_mm
    clip = RectRegion(0.0, float(top), float(scenario.screen.width_px), float(round(probe.depth_mm * ppm)))
    at = (scenario.screen.width_px * centre, top - apex * ppm)
    return FanRegion(at, apex * ppm, (apex + probe.depth_mm) * ppm / math.cos(half), -half, half, clip)


def _fan_maps(grid: BeamGrid, geometry: ImageGeometry, ppm: float) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    x0, y0, x1, y1 = geometry.bounds_px()
    face = geometry.region.face_px()
    xs, ys = np.meshgrid(np.arange(x0, x1, dtype=np.float64), np.arange(y0, y1, dtype=np.float64))
    u, v = grid.from_mm((xs - face[0]) / ppm, (ys - face[1]) / ppm)
    outside = ~geometry.mask()
    u, v = u - grid.margin_u, v - grid.margin_v
    u[outside], v[outside] = -10.0, -10.0
    coarse, fine = cv2.convertMaps(u.astype(np.float32), v.astype(np.float32), cv2.CV_16SC2)
    return coarse.astype(np.int16), fine.astype(np.uint16)
