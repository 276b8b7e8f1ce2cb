"""A recorded session with what today's tracker says of it, instead of what was said then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import open_source
from rtguide.app.recorded import RecordedSession, open_recorded
from rtguide.clock import ManualClock
from rtguide.errors import SourceEnded
from rtguide.model.frame import Frame
from rtguide.model.scene import Scene
from rtguide.pipeline.offline import FrameSpan, scenes_of
from rtguide.recording.annotations import Annotations
from rtguide.recording.glance import Glance, glance_of_said
from rtguide.recording.scene_json import RecordedScene
from rtguide.recording.side_tracks import SideTrack
from rtguide.recording.side_video import SideVideoFrames
from rtguide.recording.track_lines import track_line

__all__ = ["RetrackedSession", "open_retracked"]


def open_retracked(folder: Path) -> "RetrackedSession":
    """Open a session folder; call `steps` to the end before anything is asked of it.

    Raises
    ------
    RecordingError
        It is no session, or has no frame to show.
    """
    return RetrackedSession(open_recorded(folder), folder)


class RetrackedSession:
    """`rtguide.view.feed.Recorded` over a session that is tracked anew: the same on every run."""

    def __init__(self, recorded: RecordedSession, folder: Path) -> None:
        self._recorded = recorded
        self._folder = folder
        self._said: list[RecordedScene] = []

    def steps(self) -> Iterator[tuple[str, int, int]]:
        """Track frame by frame; gives (what, done, of how many).

        Raises
        ------
        SourceEnded
            A picture in the middle is damaged.
        """
        clock = ManualClock()
        source = open_source(str(self._folder), clock, is_paced=False)
        try:
            engine = build_engine(source, clock)
            engine.mark(known_marks(source))
            for scene in scenes_of(source, engine, FrameSpan()):
                self._said.append(_without_frame(scene))
                yield "frames", len(self._said), self.frame_count
        except SourceEnded:
            if len(self._said) < self.frame_count:  # else only what is known to be missing behind the last frame
                raise
        finally:
            source.close()

    @property
    def name(self) -> str:
        """The folder's name, and that it is tracked anew."""
        return f"{self._recorded.name} (tracked anew)"

    @property
    def frame_count(self) -> int:
        """How many recorded frames it has."""
        return self._recorded.frame_count

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is missing from it."""
        return self._recorded.warnings

    def time_s(self, index: int) -> float:
        """Seconds from the first frame to frame `index`."""
        return self._recorded.time_s(index)

    def seq(self, index: int) -> int:
        """The number that frame `index` had when it was recorded."""
        return self._recorded.seq(index)

    def index_of(self, seq: int) -> int | None:
        """The frame that had this number."""
        return self._recorded.index_of(seq)

    def events(self) -> Iterator[dict[str, Any]]:
        """What happened beside the frames then."""
        return self._recorded.events()

    def moments_s(self, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """When on the recording's clock these host monotonic times were."""
        return self._recorded.moments_s(t_ns)

    def glance(self, index: int) -> Glance:
        """A few figures of what today's tracker says of frame `index`."""
        said = self._said[index]
        return glance_of_said(said.tracking, said.guidance)

    @property
    def annotations(self) -> Annotations:
        """What was added to the recording."""
        return self._recorded.annotations

    @property
    def sides(self) -> tuple[SideTrack, ...]:
        """The side channels that can be drawn as a line."""
        return self._recorded.sides

    @property
    def side_videos(self) -> tuple[SideVideoFrames, ...]:
        """The side channels of pictures."""
        return self._recorded.side_videos

    def scene(self, index: int) -> Scene:
        """What today's tracker says of this frame, on its picture."""
        then = self._recorded.scene(index)
        return self._said[index].with_frame(then.frame, then.source)

    def lines(self) -> Iterator[dict[str, Any]]:
        """What `rtguide track SESSION` writes."""
        first = self._recorded.scene(0)
        blank = np.zeros(first.frame.shape_px, np.uint8)
        for index, said in enumerate(self._said):
            frame = Frame(index, index, round(self.time_s(index) * 1e9), blank)
            yield track_line(said.with_frame(frame, first.source))

    def close(self) -> None:
        """Close the files."""
        self._recorded.close()


def _without_frame(scene: Scene) -> RecordedScene:
    """An hour of scenes would keep an hour of pictures."""
    return RecordedScene(
        seq=scene.frame.seq,
        geometry=scene.geometry,
        plan=scene.plan,
        tracking=scene.tracking,
        guidance=scene.guidance,
        t_tracked_ns=0,
        is_frozen=scene.is_frozen,
        is_region_known=scene.is_region_known,
        fault=scene.fault,
    )
