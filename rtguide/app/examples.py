"""Commands as they are typed, for the end of each help page."""

__all__ = ["EXAMPLES", "examples_of"]

EXAMPLES = {
    "live": (
        "rtguide live clip.mp4 --mm-per-px 0.0355",
        "rtguide live grabber:0 --record sessions --side hands=grabber:1",
        "rtguide live 'sim:femoral?steer=1'",
    ),
    "replay": ("rtguide replay sessions/FIRST sessions/SECOND", "rtguide replay --retrack sessions/FIRST"),
    "track": (
        "rtguide track 'sim:femoral?seconds=10' --out lines.jsonl --video movie.mkv",
        "rtguide track clip.mp4 --out - --target nerve=300,196,80,22 --avoid artery=147,210,60,40",
    ),
    "recover": ("rtguide recover sessions/FIRST", "rtguide recover --check sessions"),
    "export": (
        "rtguide export sessions/FIRST --to mp4 --overlay --out movie.mp4",
        "rtguide export sessions/FIRST --to dicom --anonymous --out clip.dcm",
    ),
    "diff": (
        "rtguide diff old.jsonl new.jsonl --check --allow 0.02",
        "rtguide diff sessions/FIRST new.jsonl --out page",
    ),
    "report": ("rtguide report sessions/* --out report.html --learner Heron",),
    "rate": ("rtguide rate sessions/* --rater ann --rater bob --out rating", "rtguide rate rating --agree"),
    "annotate": (
        "rtguide annotate clip.mp4 --annotator ann --structure nerve",
        "rtguide annotate clip.mp4 --annotator ann --export case --out ann-case",
    ),
}
"""What people do most with each command, by its name."""


def examples_of(name: str) -> str:
    """The paragraphs that end a command's help page."""
    return "\n\n".join(("For example:", *EXAMPLES[name]))
