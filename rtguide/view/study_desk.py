"""Study mode: every recording is an attempt, and the seed says whether its operator sees the overlay."""

from collections.abc import Callable, Mapping
from typing import Any

from rtguide.errors import ConfigError
from rtguide.model.status import RecordingState
from rtguide.recording.study_log import StudyArm, StudyAttempt, StudyLog
from rtguide.view.status_text import Segment

__all__ = ["StudyDesk"]


class StudyDesk:
    """Follows the recording. log: None without a study. note: keeps an event; false where nothing is recorded yet.

    An attempt that cannot be logged has no arm: it says so, and shows the overlay.
    """

    def __init__(self, log: StudyLog | None, note: Callable[[str, Mapping[str, Any]], bool]) -> None:
        self._log, self._note = log, note
        self._attempt: StudyAttempt | None = None
        self._is_noted = False
        self._was_recording = False
        self.trouble = ""

    @property
    def is_blind(self) -> bool:
        """Whether nothing that was tracked may be shown or heard."""
        return self._attempt is not None and self._attempt.arm is StudyArm.WITHOUT

    def look(self, recording: RecordingState, now_ns: int) -> None:
        """An attempt begins and ends with the recording."""
        is_recording = recording is not RecordingState.OFF
        if self._log is not None and is_recording and not self._was_recording:
            self._begin(self._log)
        if not is_recording:
            self._attempt = None
        self._was_recording = is_recording
        if self._attempt is not None and not self._is_noted:
            said = {"t_ns": now_ns, "seed": self._attempt.seed, "number": self._attempt.number}
            self._is_noted = self._note("study attempt", {**said, "arm": self._attempt.arm.value})

    def segments(self) -> tuple[Segment, ...]:
        """For the status line; empty without a study."""
        if self._log is None:
            return ()
        if self.trouble:
            return (Segment(f"STUDY: {self.trouble}", is_bold=True),)
        if self._attempt is None:
            return (Segment(f"STUDY seed {self._log.seed}: {self._log.begun} attempts so far"),)
        return (Segment(f"STUDY attempt {self._attempt.number}: {self._attempt.arm}", is_bold=True),)

    def _begin(self, log: StudyLog) -> None:
        try:
            self._attempt, self._is_noted, self.trouble = log.begin(), False, ""
        except ConfigError as error:
            self._attempt, self.trouble = None, str(error)
