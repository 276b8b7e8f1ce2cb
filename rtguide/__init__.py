"""rtguide: real-time needle and target tracking in ultrasound video. Research use only."""

__all__ = ["RESEARCH_NOTICE", "__version__"]

__version__ = "0.1.0"

RESEARCH_NOTICE = "Research use only – not for clinical use"
"""The banner that every window, picture, video and report carries."""
