"""What the windows are driven by. The pipeline and the session reader have these shapes; tests have their own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rtguide.model.frame import Frame
from rtguide.model.geometry import ImageGeometry
from rtguide.model.needle import NeedleHint, NeedleMode
from rtguide.model.plan import Approach
from rtguide.model.scene import Scene
from rtguide.model.status import PipelineStatus
from rtguide.model.structure import Structure
from rtguide.ports import Hands
from rtguide.recording.annotations import Annotations
from rtguide.recording.glance import Glance
from rtguide.recording.side_tracks import SideTrack
from rtguide.recording.side_video import SideVideoFrames

__all__ = ["Feed", "OpenFeed", "Recorded"]


class Feed(Protocol):
    """A running pipeline as the live window sees it. Every call returns at once and is made from the GUI thread."""

    def latest_scene(self) -> tuple[int, Scene | None]:
        """The newest scene and its generation, which rises by one or more with every new scene; (0, None) at first.

        The same scene is given again until a newer one is there.
        """
        ...

    def status(self) -> PipelineStatus:
        """How things stand now. Equal values mean that nothing has changed."""
        ...

    def painted(self, scene: Scene, t_ns: int) -> None:
        """`scene` is on screen since `t_ns` (host monotonic); called once for each scene that was painted."""
        ...

    def mark(self, structures: Sequence[Structure], frame: Frame) -> None:
        """Add these, or replace those of the same name, as they lie in `frame`; others stay as they are.

        A structure of kind point with role target is the new aim.
        """
        ...

    def hint(self, hint: NeedleHint, frame: Frame) -> None:
        """Somebody says that the needle is there in `frame`."""
        ...

    def set_mode(self, mode: NeedleMode) -> None:
        """Look for a needle in the plane, or for one that crosses it."""
        ...

    def expect(self, approach: Approach) -> None:
        """The plan expects the needle from there."""
        ...

    def clear_marks(self) -> None:
        """Forget every structure."""
        ...

    def start_recording(self, directory: Path) -> None:
        """Record into a new session folder inside `directory`; the status says what becomes of it."""
        ...

    def stop_recording(self) -> None:
        """Finish the session folder."""
        ...

    def accept_whole_frame(self) -> None:
        """The user takes the whole frame as the image region."""
        ...

    def accept_geometry(self, geometry: ImageGeometry) -> None:
        """The user takes this region and scale, having looked at the evidence."""
        ...

    def set_injecting(self, *, is_injecting: bool) -> None:
        """Somebody begins to inject, or stops; said again it changes nothing."""
        ...

    def note_event(self, kind: str, details: Mapping[str, Any]) -> bool:
        """Keep what somebody did or was told beside the frames; false where nothing is recorded.

        kind: a word or two · details: plain values.
        """
        ...

    def hands(self) -> Hands | None:
        """The hands at a simulated patient that is steered; None for every other source, and before it is open."""
        ...

    def steered_address(self) -> str | None:
        """What to open to steer this patient; None where that cannot be."""
        ...

    def close(self) -> None:
        """Stop everything; may be called twice."""
        ...


OpenFeed = Callable[[str], Feed]
"""Opens a source address as a running feed. Returns at once: what goes wrong is said by `status`, never raised."""


class Recorded(Protocol):
    """A recorded session as the replay window sees it."""

    @property
    def name(self) -> str:
        """What a user would call it."""
        ...

    @property
    def frame_count(self) -> int:
        """How many recorded frames it has."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is missing from it or not as it should be, a line each."""
        ...

    def time_s(self, index: int) -> float:
        """When frame `index` was captured, in seconds after the first one; never falls with the index."""
        ...

    def seq(self, index: int) -> int:
        """The number that frame `index` had when it was recorded."""
        ...

    def index_of(self, seq: int) -> int | None:
        """The frame that had this number; None where it is not there."""
        ...

    def events(self) -> Iterator[dict[str, Any]]:
        """What happened beside the frames: `t_ns`, `kind` and what belongs to it."""
        ...

    def moments_s(self, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """When on the recording's clock these host monotonic times were, in seconds after the first frame."""
        ...

    def glance(self, index: int) -> Glance:
        """A few figures of frame `index`, without its picture. Any thread may ask."""
        ...

    @property
    def annotations(self) -> Annotations:
        """What was added to it later, and where more of it goes."""
        ...

    @property
    def sides(self) -> tuple[SideTrack, ...]:
        """The side channels that can be drawn as a line."""
        ...

    @property
    def side_videos(self) -> tuple[SideVideoFrames, ...]:
        """The side channels of pictures."""
        ...

    def scene(self, index: int) -> Scene:
        """The recorded scene of frame `index`; frames the tracker never took come with an empty tracking.

        Raises
        ------
        RtguideError
            The frame cannot be read; the message says why.
        """
        ...
