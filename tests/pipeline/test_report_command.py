"""`rtguide report`: figures beside what was true, and a page that a browser shows without complaint."""

import contextlib
import html
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtguide.app.cli import run
from simulated_session import record

RATE_HZ, FRAMES = 15, (135, 60)
"""Nine seconds of the first attempt, for its figures; four of the second."""


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two attempts at the easy block, of different days."""
    day_ns = 86_400_000_000_000
    parent = tmp_path_factory.mktemp("sessions")
    folders = [
        record(f"sim:femoral?seed={seed}&fps={RATE_HZ}", parent, count, 1_700_000_000_000_000_000 + number * day_ns)
        for number, (seed, count) in enumerate(zip((1, 4), FRAMES, strict=True))
    ]
    with (folders[1] / "events.jsonl").open("a", encoding="utf-8") as file:
        said = {"t_ns": 0, "kind": "study attempt", "seed": 7, "number": 2, "arm": "no overlay"}
        file.write(json.dumps(said) + "\n")
    return folders


@pytest.fixture(scope="module")
def reported(sessions: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The page, and what was printed beside it."""
    out, printed = tmp_path_factory.mktemp("report") / "report.html", io.StringIO()
    sites = {sessions[0]: "Linear <4 cm>: site check: 8 of 10 marked tips seen"}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr("rtguide.app.report.command.site_of_session", sites.get)
        with pytest.raises(SystemExit) as ended:
            run(["report", *map(str, reversed(sessions)), "--out", str(out), "--learner", "Heron <1>", "--json"])
    assert ended.value.code == 0
    return out, json.loads(printed.getvalue())


@pytest.fixture(scope="module")
def page(reported: tuple[Path, list[dict[str, Any]]]) -> Path:
    return reported[0]


@pytest.mark.qt
def test_figures_agree_with_what_was_true(reported: tuple[Path, list[dict[str, Any]]]) -> None:
    told, other = reported[1]
    assert len(other["figures"]) == len(told["figures"])
    figures = {figure["name"]: figure for figure in told["figures"]}
    true = {figure["name"]: figure for figure in told["true_figures"]}
    for name in ("closest_mm nerve", "closest_mm artery", "closest_mm vein"):
        assert abs(figures[name]["value"] - true[name]["value"]) <= max(1.0, figures[name]["error"]), name
    assert figures["entry_angle_deg"]["value"] == pytest.approx(true["entry_angle_deg"]["value"], abs=3.0)
    assert figures["passes"]["value"] == true["passes"]["value"] == 1
    assert figures["probe_way_mm"]["value"] <= 1.0


@pytest.mark.qt
def test_the_page_is_whole_and_in_order_of_time(page: Path, sessions: list[Path]) -> None:
    text = page.read_text(encoding="utf-8")
    assert "Research use only" in text
    assert "Study 7, attempt 2: no overlay." in text
    assert "Heron &lt;1&gt;" in text
    assert text.count('<div class="first">') == 2
    assert text.count("Linear &lt;4 cm&gt;: site check: 8 of 10 marked tips seen") == 1, (
        "the check of that screen alone"
    )
    assert text.index(sessions[0].name) < text.index(sessions[1].name)
    assert 'src="http' not in text
    assert 'href="http' not in text.split("<script>")[0]
    assert text.count("data:video/mp4") >= 2


needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here: apt install chromium")


def chromium(page: Path, tmp_path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Open a page without a network; whatever it says on its console, of any level, comes out on stderr."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
               f"--user-data-dir={tmp_path / 'profile'}", "--autoplay-policy=no-user-gesture-required",
               "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", *options, page.as_uri()]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=True)


def console(stderr: str) -> list[str]:
    """What the page said: errors, warnings, and words."""
    return [line for line in stderr.splitlines() if ":CONSOLE" in line]


@needs_chromium
def test_the_check_of_the_console_catches_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "noisy.html"
    script = (
        "console.error('one'); console.warn('two'); Promise.reject(new Error('three')); console.log('four'); five();"
    )
    path.write_text(f"<script>{script}</script>", encoding="utf-8")
    found = "\n".join(console(chromium(path, tmp_path, "--dump-dom").stderr))
    assert [word for word in ("one", "two", "three", "four", "five") if word not in found] == []


@pytest.mark.qt
@needs_chromium
def test_a_browser_without_a_network_draws_every_plot_plays_the_clips_and_says_nothing(
    page: Path, tmp_path: Path
) -> None:
    check = (
        "<script>setTimeout(async () => {const v = [...document.querySelectorAll('video')];"
        "const played = await Promise.all(v.map(x => x.play().then(() => x.videoWidth > 0, () => false)));"
        "const plots = [...document.querySelectorAll('[data-plot]')]"
        ".map(x => x.dataset.done === '1' && !!x.querySelector('svg'));"
        "const pictures = [...document.images].map(x => x.complete && x.naturalWidth > 0);"
        "const asked = performance.getEntriesByType('resource').map(x => x.name).filter(x => !/^(data|blob):/.test(x));"
        "const first = document.querySelector('a[data-seek]'); first.click();"
        "await new Promise(go => setTimeout(go, 300));"
        "const plot = document.getElementById(first.dataset.seek).querySelector('.js-plotly-plot');"
        "const range = plot.layout.xaxis.range, moment = [Number(first.dataset.begin), Number(first.dataset.end)];"
        "const out = document.createElement('pre'); out.id = 'out';"
        "out.textContent = 'RESULT ' + JSON.stringify({title: document.title, played, plots, pictures, asked, range,"
        "moment,"
        "wide: document.documentElement.scrollWidth - innerWidth}) + ' END';"
        "document.body.appendChild(out);}, 3000);</script></html>"
    )
    copy = tmp_path / "checked.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</html>", check), encoding="utf-8")
    done = chromium(copy, tmp_path, "--dump-dom", "--window-size=500,900")
    assert console(done.stderr) == []
    found = done.stdout.split("RESULT ")[-1].split(" END")[0]
    result = json.loads(html.unescape(found))
    assert result["title"] == "Attempts of Heron <1>"
    assert len(result["plots"]) >= 4
    assert all(result["plots"])
    assert len(result["pictures"]) >= 4
    assert all(result["pictures"])
    assert result["played"]
    assert all(result["played"])
    assert result["asked"] == []
    assert result["range"][0] <= result["moment"][0] <= result["moment"][1] <= result["range"][1]
    assert result["wide"] <= 0, "on a phone the page is wider than the screen"


@pytest.mark.qt
@needs_chromium
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext here: apt install poppler-utils")
def test_on_paper_every_plot_and_picture_is_whole(page: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert console(chromium(page, tmp_path, f"--print-to-pdf={out}", "--no-pdf-header-footer").stderr) == []
    told = subprocess.run(["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True).stdout
    pages = told.split("\f")[:-1]
    assert 3 <= len(pages) <= 9
    assert all(len(text.split()) >= 20 for text in pages), "an empty page"
    timelines = [text for text in pages if "distance, mm" in text]
    assert len(timelines) == 2
    assert all("advance, mm" in text and "seconds" in text for text in timelines), "a plot is torn in two"
    for title in ("score, %", "CUSUM", "Way of the tip, mm", "Angle of entry, °", "Over time", "What the figures mean"):
        assert title in told, title
    assert "Drag to enlarge" not in told
    assert "Around" not in told, "clips do not play on paper"
    listed = subprocess.run(["pdfimages", "-list", str(out)], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) - 2 >= page.read_text(encoding="utf-8").count("data:image/jpeg")


def test_without_the_extra_it_is_said_before_anything_is_scored(
    sessions: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    monkeypatch.setattr("rtguide.app.report.command.read_attempt", lambda _folder: pytest.fail("scored in vain"))
    with pytest.raises(SystemExit) as ended:
        run(["report", str(sessions[0]), "--out", str(tmp_path / "a.html")])
    assert ended.value.code == 2
    assert "rtguide[html]" in capsys.readouterr().err


def test_what_cannot_be_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, reason in (
        ([str(tmp_path / "no"), "--out", str(tmp_path / "a.html")], "no"),
        ([str(tmp_path), "--out", str(tmp_path / "a.html"), "--rubric", str(tmp_path / "r.toml")], "cannot be read"),
    ):
        with pytest.raises(SystemExit) as ended:
            run(["report", *arguments])
        assert ended.value.code in (1, 2)
        assert reason in capsys.readouterr().err
