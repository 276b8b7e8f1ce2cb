"""`rtguide diff`: where two trackers, settings or versions disagree, by frame, with pictures."""

import gzip
import html
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rtguide.errors import RecordingError
from rtguide.opencv import cv2
from rtguide.recording.reader import Session, open_session
from rtguide.recording.session_files import guarded
from rtguide.recording.session_scenes import recorded_lines
from rtguide.recording.track_diff import Disagreement, disagreements

__all__ = ["Diff", "diff", "lines_of", "write_report"]

MOST_PICTURES = 60
"""Pictures in one report: the first frame of each run of disagreements, up to this many."""

COLOURS = ((0, 220, 255), (255, 80, 220))
"""RGB of what A (cyan) and B (magenta) say."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What was compared and what came out. session: the one whose pictures are shown, None where neither is one."""

    lines: tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]
    found: tuple[Disagreement, ...]
    session: Session | None = field(repr=False)

    def summary(self) -> Iterator[str]:
        """A line for each run of frames that differ in the same things."""
        for first, last, one in _runs(self.found):
            frames = f"frame {first}" if first == last else f"frames {first}–{last}"
            yield f"{frames}: {'; '.join(one.texts)}"
        yield f"{len(self.found)} of {self.frame_count} frames differ"

    @property
    def frame_count(self) -> int:
        """Frames of which one of the two says something."""
        return len(self.lines[0].keys() | self.lines[1].keys())


def diff(a: Path, b: Path, tolerance_px: float) -> Diff:
    """Compare two session folders or files of `track` lines. Close `session` when done.

    Raises
    ------
    RecordingError
        One of them is neither, or holds no frame.
    """
    lines_a, session_a = lines_of(a)
    lines_b, session_b = lines_of(b)
    for path, lines in ((a, lines_a), (b, lines_b)):
        if not lines:
            raise RecordingError(f"{path}: holds no frame, so that nothing can be compared; track or record it again")
    if session_a is not None and session_b is not None:
        session_b.close()
    found = tuple(disagreements(lines_a, lines_b, tolerance_px))
    by_frame = tuple({line["frame"]: line for line in lines} for lines in (lines_a, lines_b))
    return Diff((by_frame[0], by_frame[1]), found, session_a or session_b)


def write_report(result: Diff, folder: Path, names: tuple[str, str]) -> None:
    """A folder with `index.html` and a picture of the first frame of each run."""
    guarded(folder, lambda: folder.mkdir(parents=True, exist_ok=True))
    rows = []
    for number, (first, last, one) in enumerate(_runs(result.found)):
        picture = ""
        session = result.session
        if session is not None and number < MOST_PICTURES and first < len(session):
            name = f"frame-{first:06d}.png"
            guarded(folder, Image.fromarray(_picture(result, session, first)).save, folder / name)
            picture = f'<img src="{name}" alt="frame {first}" loading="lazy">'
        texts = "<br>".join(html.escape(text) for text in one.texts)
        frames = str(first) if first == last else f"{first}–{last}"
        rows.append(f"<tr><td>{frames}</td><td>{texts}</td><td>{picture}</td></tr>")
    titles = [html.escape(name) for name in names]
    page = _PAGE.format(a=titles[0], b=titles[1], count=html.escape(list(result.summary())[-1]), rows="\n".join(rows))
    guarded(folder, (folder / "index.html").write_text, page, "utf-8")


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>rtguide diff</title>
<style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 2rem; background: #fff; color: #111 }}
table {{ border-collapse: collapse }}
td, th {{ border-bottom: 1px solid #ccc; padding: .5rem; vertical-align: top; text-align: left }}
img {{ max-width: 40rem; display: block }} .a {{ background: #00dcff }} .b {{ background: #ff50dc }}
</style>
<h1>Where two runs disagree</h1>
<p><span class="a">&nbsp;A&nbsp;</span> {a} &nbsp; <span class="b">&nbsp;B&nbsp;</span> {b}</p><p>{count}</p>
<table><tr><th>Frames</th><th>A / B</th><th>First of them</th></tr>
{rows}
</table></html>
"""


def lines_of(path: Path) -> tuple[list[dict[str, Any]], Session | None]:
    """What was said, of a session folder (which is open then) or from a file of `track` lines.

    Raises
    ------
    RecordingError
        It is neither.
    """
    if path.is_dir():
        session = open_session(path)
        return list(recorded_lines(session)), session
    try:
        lines = [json.loads(text) for text in _text(path).splitlines() if text.strip()]
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"{path}: cannot be read ({reason}); give a session or a file of lines") from error
    except ValueError as error:
        raise RecordingError(f"{path}: no lines of `rtguide track` ({str(error)[:60]}); give its --out") from error
    wanted = {"frame", "needle", "other_needles", "targets", "guidance"}
    if not all(isinstance(line, dict) and wanted <= line.keys() for line in lines):
        raise RecordingError(f"{path}: these are no lines of `rtguide track`; give its --out, or a session folder")
    return lines, None


def _text(path: Path) -> str:
    """The lines; those of a name that ends with .gz are unpacked."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def _runs(found: Sequence[Disagreement]) -> Iterator[tuple[int, int, Disagreement]]:
    """(first frame, last frame, the first of them) of neighbours that differ in the same things."""
    at = 0
    while at < len(found):
        end = at
        while (
            end + 1 < len(found)
            and found[end + 1].frame == found[end].frame + 1
            and found[end + 1].topics == found[at].topics
        ):
            end += 1
        yield found[at].frame, found[end].frame, found[at]
        at = end + 1


def _picture(result: Diff, session: Session, frame: int) -> NDArray[np.uint8]:
    """The frame with both needles and all boxes, A thin above B thick, so that B shows beside it where they agree."""
    pixels = session.pixels(frame)
    canvas = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels.copy()
    for lines, colour, thick in ((result.lines[1], COLOURS[1], 6), (result.lines[0], COLOURS[0], 2)):
        line = lines.get(frame)
        if line is None:
            continue
        needle = line["needle"]
        tip, entry, end = needle["tip"]["px"], needle["entry_px"], needle["shaft_end_px"]
        if entry and (tip or end):
            cv2.line(canvas, _whole(entry), _whole(tip or end), colour, thick)
        if tip:
            cv2.circle(canvas, _whole(tip), 8 + 2 * thick, colour, thick)
        for target in line["targets"]:
            if target["box_px"]:
                x, y, width, height = target["box_px"]
                cv2.rectangle(canvas, _whole((x, y)), _whole((x + width, y + height)), colour, thick)
    return np.ascontiguousarray(canvas, np.uint8)


def _whole(point: Sequence[float]) -> tuple[int, int]:
    return round(point[0]), round(point[1])
