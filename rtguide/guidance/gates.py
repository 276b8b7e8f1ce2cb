"""When nothing may be said although something is known."""

from dataclasses import replace

from rtguide.model.guidance import Guidance

__all__ = ["HOLLOW_AFTER_NS", "SILENT_AFTER_NS", "withhold_late"]

HOLLOW_AFTER_NS = 150_000_000
"""A result older than this no longer speaks for the picture: operators degrade from about 105 ms of added delay, and
half again lies between the grabber and the eye."""

SILENT_AFTER_NS = 500_000_000
"""A result older than this is not shown at all."""


def withhold_late(guidance: Guidance, age_ns: int) -> Guidance:
    """The guidance as it may be shown `age_ns` after its frame was captured.

    Up to 150 ms as it is; then the figures stay (to be drawn hollow) but the words become `picture late`; after 500 ms
    only the words are left.
    """
    if age_ns <= HOLLOW_AFTER_NS:
        return guidance
    if age_ns > SILENT_AFTER_NS:
        return Guidance(advice="picture late")
    return replace(guidance, advice="picture late")
