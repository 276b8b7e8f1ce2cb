"""Every frame of a source, one after another, without threads or clocks: `rtguide track` and exports."""

from collections.abc import Iterator
from dataclasses import dataclass

from rtguide.errors import ConfigError, SourceEnded
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.pipeline.engine import Engine
from rtguide.ports import FrameSource, SeekableSource

__all__ = ["FrameSpan", "frames_of", "scenes_of"]

READ_TIMEOUT_S = 10.0
"""A file answers at once; a source that says nothing for this long while it is read as fast as it goes hangs."""


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """The frames asked for by number: first and last, inclusive; last None means to the end."""

    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise ConfigError(f"frames {self.first} to {self.last} make no span: give 0 ≤ start ≤ stop")


def frames_of(source: FrameSource, span: FrameSpan) -> Iterator[Frame]:
    """The frames of the span in order.

    Raises
    ------
    SourceEnded
        Only for a recording that breaks off before its end; a proper end just ends the iteration.
    ConfigError
        The span begins behind the source's last frame.
    """
    has_begun = False
    if span.first and isinstance(source, SeekableSource):
        source.seek(span.first)
    while True:
        try:
            frame = source.read(READ_TIMEOUT_S)
        except SourceEnded as end:
            if end.is_damaged:
                raise
            if not has_begun:
                raise ConfigError(f"{source.info.name} has no frame {span.first}: it ends before") from end
            return
        if frame is None:
            raise SourceEnded(f"{source.info.name} gave no frame for {READ_TIMEOUT_S:g} s", is_damaged=True)
        if frame.seq < span.first:
            continue
        if span.last is not None and frame.seq > span.last:
            return
        has_begun = True
        yield frame
        if frame.seq == span.last:
            return


def scenes_of(source: FrameSource, engine: Engine, span: FrameSpan) -> Iterator[Scene]:
    """The scenes of the span in order; raises as `frames_of` does."""
    for frame in frames_of(source, span):
        yield engine.process(frame)
