"""The phantom on every layout and size of screen, for tests of what is read from screens."""

from rtguide.errors import ConfigError
from rtguide.phantom import Phantom, load_scenario
from rtguide.phantom.screen_furniture import LAYOUTS

__all__ = ["LAYOUTS", "SIZES_PX", "on_screen"]

SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))
SHARES = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Of the scenario's scale: layouts differ in the room they leave."""


def on_screen(name: str, layout: str, size_px: tuple[int, int]) -> Phantom:
    """A scenario on a screen of this layout and size, as large as it fits."""
    base = load_scenario(name)
    width, height = size_px
    scale = min(width / 1280, height / 720) * base.screen.px_per_mm
    for share in SHARES:
        change = {"layout": layout, "width_px": width, "height_px": height, "px_per_mm": share * scale}
        try:
            return Phantom(base.model_copy(update={"screen": base.screen.model_copy(update=change)}), 1, rate_hz=2.0)
        except ConfigError:
            continue
    raise AssertionError(f"{name} does not fit on {layout} at {width}×{height}")
