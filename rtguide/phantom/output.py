"""How a scenario's pictures come out: on which screen, how large, how often anew, how many lost on the way.

A scenario has all of that; this asks for something else without another file.
"""

from dataclasses import dataclass

from pydantic import ValidationError

from rtguide.errors import ConfigError
from rtguide.phantom.happenings import Stream
from rtguide.phantom.scenario import Scenario, ScreenSettings
from rtguide.phantom.screen import misfit

__all__ = ["Output", "size_px"]

_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
"""Of the scenario's own scale on a screen of that size, largest first: layouts differ in the room they leave."""


@dataclass(frozen=True, slots=True)
class Output:
    """What is asked for instead of the scenario's own; None for that.

    layout: of the screen · size_px: (width, height) · scanner_hz: pictures a second that the scanner makes, repeated
    between · dropped: share of them that never arrive.
    """

    layout: str | None = None
    size_px: tuple[int, int] | None = None
    scanner_hz: float | None = None
    dropped: float | None = None

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario with this output; the picture keeps its place on the screen, as large as fits.

        Raises
        ------
        ConfigError
            There is no such layout, a value is out of range, or the picture fits at no reasonable scale.
        """
        own = scenario.screen
        width, height = self.size_px or (own.width_px, own.height_px)
        scale = own.px_per_mm * min(width / own.width_px, height / own.height_px)
        streamed = scenario.stream.model_dump()
        streamed |= {} if self.scanner_hz is None else {"scanner_hz": self.scanner_hz}
        streamed |= {} if self.dropped is None else {"dropped": self.dropped}
        try:
            stream = Stream.model_validate(streamed)
            for share in _SHARES:
                screen = ScreenSettings.model_validate(
                    {
                        "layout": self.layout or own.layout,
                        "width_px": width,
                        "height_px": height,
                        "px_per_mm": share * scale,
                    }
                )
                made = scenario.model_copy(update={"screen": screen, "stream": stream})
                problem = misfit(made)
                if problem is None:
                    return made
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(f"{scenario.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        raise ConfigError(f"{scenario.name}: {problem}, or the screen larger")


def size_px(text: str) -> tuple[int, int]:
    """`1920x1080` as (width, height).

    Raises
    ------
    ConfigError
        It is something else.
    """
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise ConfigError(f"the size {text!r} is not understood: write width x height in pixels, as 1920x1080")
    return int(width), int(height)
