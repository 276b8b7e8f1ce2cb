"""What a session said at the time, as `track` lines, without decoding a picture."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rtguide.model.frame import Frame
from rtguide.model.guidance import Guidance
from rtguide.model.scene import Scene, Tracking
from rtguide.recording.reader import Session
from rtguide.recording.track_lines import track_line

__all__ = ["recorded_lines"]


def recorded_lines(session: Session) -> Iterator[dict[str, Any]]:
    """One line a frame, numbered as `rtguide track SESSION` numbers them; an empty one where nothing was tracked."""
    shape_px = session.head.full_shape_px
    blank = np.zeros(shape_px, np.uint8)
    source = replace(session.source, shape_px=shape_px)
    for index, stored in enumerate(session.frames):
        frame = Frame(index, stored.t_capture_ns, session.time_ns(index), blank)
        recorded = session.scene(index)
        if recorded is None:
            scene = Scene(frame, source, session.geometry, session.plan, Tracking(), Guidance(), stored.t_capture_ns)
        else:
            scene = recorded.with_frame(frame, source)
        yield track_line(scene)
