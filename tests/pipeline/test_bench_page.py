"""The page of `rtguide bench tracking`: whole in itself, pictures of the worst frames, curves of the errors."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtguide.app.bench.page import Page, write_page
from rtguide.app.bench.page_curves import curves
from rtguide.app.bench.run_cases import Judged
from rtguide.app.bench.tracking_tables import rows_of
from rtguide.app.bench.worst_frames import ANSWER, TRUTH, picture, worst_frames
from rtguide.app.cli import run
from rtguide.opencv import cv2
from rtguide.training.answers import Answers
from rtguide.training.case import load_case
from rtguide.training.score import score

CASE = Path(__file__).resolve().parents[2] / "recordings" / "femoral"


def judged(off_mm: dict[int, float], missing: range = range(0), tracker: str = "ours") -> Judged:
    """The femoral sample answered by its truth, the tip further right by so much in some frames, missing in others."""
    case = load_case(CASE)
    count = len(case.truth)
    tip = case.truth.tip_px.copy()
    for row, mm in off_mm.items():
        tip[row, 0] += mm * case.px_per_mm
    shown = np.array([row not in missing for row in range(count)])
    answers = Answers(shown, shown, tip, case.truth.entry_px, np.full(count, 12.0), shown, case.truth.target_px)
    return Judged(CASE, case, tracker, (), answers, score(case, answers), 1.0)


def test_the_worst_come_first_are_apart_and_name_what_is_wrong() -> None:
    bad = worst_frames([judged({40: 5.0, 41: 9.0, 42: 4.0, 70: 3.0}), judged({}, range(20, 60))], 12)
    assert [(frame.case, frame.row) for frame in bad] == [(0, 41), (0, 70), (1, 40)]
    assert bad[0].what == "tip 9.0 mm off"
    assert bad[2].what == f"not seen for {40 / 25:.1f} s"
    assert worst_frames([judged({})], 12) == []
    assert len(worst_frames([judged({41: 9.0, 70: 3.0})], 1)) == 1


def test_a_picture_shows_truth_and_answer_where_they_are() -> None:
    one = judged({41: 6.0})
    (bad,) = worst_frames([one], 12)
    head, data = picture(one, bad).split(",", 1)
    assert head == "data:image/jpeg;base64"
    image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    centres = []
    for colour in (TRUTH, ANSWER):
        near = np.abs(image - np.array(colour)).sum(axis=2) < 110
        assert near.sum() > 10, colour
        centres.append(np.argwhere(near)[:, 1].max())
    scale = image.shape[1] / 44.0
    assert centres[1] - centres[0] == pytest.approx(6.0 * scale, abs=2.0 * scale)


def test_a_curve_is_the_error_and_breaks_where_nothing_is_shown() -> None:
    figure = curves([judged({41: 3.0, 42: 30.0}, range(10, 20)), judged({}, tracker="other")])
    tip, structure, *others = figure["data"]
    assert (tip["name"], structure["name"]) == ("ours: tip seen", "ours: structure")
    assert tip["y"][41] == pytest.approx(3.0, abs=0.01)
    assert tip["y"][42] == 8.0
    assert tip["y"][10:20] == [None] * 10
    assert tip["x"][25] == pytest.approx(1.0)
    assert [line["name"].split(":")[0] for line in others] == ["other", "other"]


def test_the_page_needs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtguide.app.bench.page.plotly_script", lambda: "/* the plot script */")
    both = [replace(one, case=replace(one.case, name="a<b")) for one in (judged({41: 9.0}), judged({}, tracker="x"))]
    cases, pools = rows_of(both, is_halved=False)
    write_page(Page(both, cases, pools, "of & for"), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=(?!["']?data:)""", text)
    assert "url(" not in text
    assert text.count("/* the plot script */") == 1
    assert text.count("<figure>") == 1
    assert "a&lt;b" in text
    assert "of &amp; for" in text
    assert "a<b" not in text.replace('"a<b"', "")
    (figure,) = re.findall(r'<script type="application/json" id="figure-0">(.*?)</script>', text, re.DOTALL)
    assert len(json.loads(figure)["data"]) == 4
    assert 'class="met"' in text
    assert "≥92" in text


def test_the_command_writes_it_with_the_plot_script(tmp_path: Path) -> None:
    pytest.importorskip("plotly", reason="the extra rtguide[html] is not installed")
    out = tmp_path / "page.html"
    with pytest.raises(SystemExit) as ended:
        run(["bench", "tracking", str(CASE), "--no-baseline", "--html", str(out)])
    assert not ended.value.code
    text = out.read_text(encoding="utf-8")
    assert "Plotly.newPlot" in text
    assert 4e6 < len(text) < 6e6
