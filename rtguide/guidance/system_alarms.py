"""Alarms that are not about the needle: the source, the age of the picture, the scale, the recording, the disk."""

from rtguide.guidance.gates import HOLLOW_AFTER_NS
from rtguide.model.geometry import ImageGeometry
from rtguide.model.guidance import Alarm, AlarmPriority
from rtguide.model.limits import AlarmLimits
from rtguide.model.status import PipelineStatus, RecordingStatus, SourceState, SourceStatus

__all__ = ["recording_alarms", "scale_alarms", "source_alarms", "system_alarms"]

_LOST = (SourceState.QUIET, SourceState.INTERRUPTED, SourceState.FAILED)


def system_alarms(
    status: PipelineStatus, geometry: ImageGeometry | None, age_ns: int | None, limits: AlarmLimits
) -> tuple[Alarm, ...]:
    """What is so now. geometry, age_ns: of the newest scene, None before the first."""
    return (
        *source_alarms(status.source, age_ns),
        *scale_alarms(status.source, geometry),
        *recording_alarms(status.recording, limits),
    )


def source_alarms(source: SourceStatus, age_ns: int | None) -> tuple[Alarm, ...]:
    """That no picture comes, or that it is late. A recording that has ended is no alarm."""
    if source.state in _LOST:
        why = f": {source.text}" if source.text else ""
        return (Alarm("source-lost", AlarmPriority.MEDIUM, f"source {source.state}{why}"),)
    if source.state is SourceState.RUNNING and age_ns is not None and age_ns > HOLLOW_AFTER_NS:
        return (Alarm("picture-late", AlarmPriority.MEDIUM, "picture late"),)
    return ()


def scale_alarms(source: SourceStatus, geometry: ImageGeometry | None) -> tuple[Alarm, ...]:
    """That there is no scale, or nobody vouches for it."""
    if source.state is not SourceState.RUNNING or geometry is None or geometry.is_verified:
        return ()
    return (Alarm("scale", AlarmPriority.LOW, "scale not verified: no millimetres"),)


def recording_alarms(recording: RecordingStatus, limits: AlarmLimits) -> tuple[Alarm, ...]:
    """That frames are not kept, or soon will not be."""
    alarms = []
    if recording.trouble:
        alarms.append(Alarm("recording", AlarmPriority.LOW, recording.trouble))
    elif recording.lost:
        alarms.append(Alarm("recording", AlarmPriority.LOW, f"recording: {recording.lost} frames lost"))
    if recording.seconds_left is not None and recording.seconds_left < limits.disk_low_s:
        minutes = max(1, round(recording.seconds_left / 60))
        alarms.append(Alarm("disk", AlarmPriority.LOW, f"disk: room for {minutes} min of recording"))
    return tuple(alarms)
