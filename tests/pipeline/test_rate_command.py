"""`rtguide rate`: clips and sheets under codes, and agreement once two have filled theirs; experts in a report."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from rtguide.app.cli import run
from rtguide.model.side import SideInfo, SideKind, SoundChunk
from rtguide.recording.reader import open_session
from rtguide.recording.sides import SideWriter
from rtguide.view.rate_window import RateWindow
from simulated_session import record


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    parent = tmp_path_factory.mktemp("learners")
    start = 1_700_000_000_000_000_000
    made = [record("sim:femoral?seed=1&fps=15", parent, 40, start + n * 86_400_000_000_000) for n in range(2)]
    voice = SideWriter(made[0], "voice", SideInfo(SideKind.SOUND, "mic:x", "", 8000.0))
    session = open_session(made[0])
    voice.write(SoundChunk(session.frames[10].t_capture_ns, np.full((800, 1), 9000, np.int16)))
    session.close()
    voice.close()
    return made


def answer(path: Path, value: int) -> None:
    """Fill a sheet: the same everywhere but in the second clip, which is one better."""
    parts = path.read_text(encoding="utf-8").split("\n[")
    for number, part in enumerate(parts):
        grade = value + (number == 2)
        graded = re.sub(r'^(tissue|motion|handling|flow|overall) = "\?"', rf"\1 = {grade}", part, flags=re.MULTILINE)
        parts[number] = re.sub(r'= "\?"', "= false", graded)
    path.write_text("\n[".join(parts), encoding="utf-8")


def test_two_raters_rate_blinded_and_are_compared(
    sessions: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rating"
    with pytest.raises(SystemExit) as ended:
        run(["rate", *map(str, sessions), "--rater", "ann", "--rater", "bob", "--out", str(out)])
    assert ended.value.code == 0
    names = [path.name for path in sessions]
    for rater in ("ann", "bob"):
        files = sorted(path.name for path in (out / rater).iterdir())
        assert len(files) == 3
        assert sum(name.endswith(".mp4") for name in files) == 2
        told = " ".join(files) + (out / rater / "sheet.toml").read_text(encoding="utf-8")
        assert not any(name in told for name in names)
        for clip in (out / rater).glob("*.mp4"):
            with av.open(str(clip)) as movie:
                assert not movie.streams.audio  # a voice is known
    with pytest.raises(SystemExit) as ended:
        run(["rate", str(out), "--agree"])
    assert ended.value.code == 2
    assert "1 to 5" in capsys.readouterr().err
    answer(out / "ann" / "sheet.toml", 3)
    answer(out / "bob" / "sheet.toml", 3)
    with pytest.raises(SystemExit) as ended:
        run(["rate", str(out), "--agree"])
    assert ended.value.code == 0
    told_json = json.loads(capsys.readouterr().out)
    assert told_json["raters"] == ["ann", "bob"]
    assert sorted(told_json["answers"]["ann"]) == sorted(names)
    assert {item["key"] for item in told_json["agreement"]} >= {"tissue", "probe_moved", "total"}


@pytest.mark.qt
def test_experts_and_consent_stand_on_the_page(sessions: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    with pytest.raises(SystemExit) as ended:
        run(["report", str(sessions[0]), "--out", str(out), "--experts", str(sessions[1].parent), "--learner", "Heron",
             "--consent", "written, 2026-02-03"])  # fmt: skip
    assert ended.value.code == 0
    text = out.read_text(encoding="utf-8")
    assert "Consent: written, 2026-02-03." in text
    assert ">experts</th>" in text
    assert "n = 2</small>" in text
    with pytest.raises(SystemExit) as ended:
        run(["report", str(sessions[0]), "--out", str(tmp_path / "b.html"), "--experts", str(tmp_path)])
    assert ended.value.code == 2


def test_what_cannot_be_prepared_leaves_nothing_behind(
    sessions: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(SystemExit) as ended:
        run(["rate", str(sessions[0]), str(tmp_path / "none"), "--out", str(tmp_path / "rating")])
    assert ended.value.code == 1
    assert "no session" in capsys.readouterr().err
    assert not (tmp_path / "rating").exists()


@pytest.mark.qt
def test_a_rater_rates_in_a_window_what_was_prepared(
    sessions: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    qapp: object,
) -> None:
    del qapp
    out = tmp_path / "rating"
    with pytest.raises(SystemExit):
        run(["rate", str(sessions[0]), "--rater", "ann", "--out", str(out)])
    shown: list[str] = []

    def show(make: Callable[[], QWidget]) -> None:
        window = make()
        assert isinstance(window, RateWindow)
        assert window.picture.pixels.any()
        shown.append(window.codes[0])
        window.groups["tissue"].buttons()[3].click()
        window.close()

    monkeypatch.setattr("rtguide.app.windows.show_window", show)
    for arguments in (["rate", str(out), "--rater", "ann"], ["rate", str(out / "ann")]):
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        assert ended.value.code == 0
    assert shown[0] == shown[1]
    assert "tissue = 4" in (out / "ann" / "sheet.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run(["rate", str(out), "--rater", "bob"])
    assert ended.value.code == 2
    assert "a rater's folder" in " ".join(capsys.readouterr().err.split())
