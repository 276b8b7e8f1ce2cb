"""`rtguide diff`: silent about equal runs, exact about others; and a regression net over the recordings."""

import json
from pathlib import Path
from typing import Any

import pytest

from rtguide.app.cli import run
from rtguide.app.compose import build_engine, known_marks
from rtguide.app.plugins import calibration_method, make_tracker, open_source
from rtguide.app.retrack import open_retracked
from rtguide.clock import ManualClock
from rtguide.model.frame import Frame
from rtguide.model.scene import Tracking
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.pipeline.engine import Engine, EngineParts
from rtguide.recording.reader import open_session
from rtguide.recording.session_scenes import recorded_lines
from rtguide.recording.track_diff import disagreements
from rtguide.recording.track_lines import track_line
from rtguide.recording.writer import SessionWriter
from worse_tracker import WorseTracker, beside

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
COUNT = 30


class Worse(WorseTracker):
    """From frame 10 on every structure is 6 px off."""

    def worsened(self, frame: Frame, tracking: Tracking) -> Tracking:
        return tracking if frame.seq < 10 else beside(tracking, 6.0)


def lines_of(case: Path, tracker: Any) -> list[dict[str, Any]]:
    clock = ManualClock()
    source = open_source(str(case / "video.mkv"), clock, is_paced=False)
    engine = Engine(source.info, source.geometry, EngineParts(tracker, calibration_method("image_region"), clock))
    box = box_outline(*json.loads((case / "case.json").read_text())["target_box"])
    engine.mark([Structure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH, box)])
    lines = []
    for _ in range(COUNT):
        frame = source.read(10.0)
        assert frame is not None
        lines.append(track_line(engine.process(frame)))
    source.close()
    return lines


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_what_holds_no_frame_is_not_said_to_be_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = write(tmp_path / "a.jsonl", [])
    with pytest.raises(SystemExit) as ended:
        run(["diff", str(empty), str(empty), "--check"])
    assert ended.value.code == 1
    assert "holds no frame" in capsys.readouterr().err


def diff(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as ended:
        run(["diff", *arguments])
    return int(ended.value.code or 0), capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("case", sorted(path.parent for path in RECORDINGS.glob("*/video.mkv")), ids=lambda p: p.name)
def test_a_worse_tracker_is_caught_and_the_same_one_is_not(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = lines_of(case, make_tracker())
    again = lines_of(case, make_tracker())
    worse = lines_of(case, Worse())
    a, b, c = (write(tmp_path / name, lines) for name, lines in (("a", one), ("b", again), ("c", worse)))
    assert a.read_bytes() == b.read_bytes()
    assert diff(capsys, str(a), str(b), "--check") == (0, [f"0 of {COUNT} frames differ"])
    code, said = diff(capsys, str(a), str(c), "--check", "--tolerance-px", "3")
    assert code == 1
    assert said[0].startswith(f"frames 10–{COUNT - 1}: nerve place: 6.00 px apart")
    assert said[-1] == f"{COUNT - 10} of {COUNT} frames differ"


@pytest.fixture(scope="module")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clock = ManualClock()
    source = open_source("sim:femoral?seed=2", clock, is_paced=False)
    engine = build_engine(source, clock)
    engine.mark(known_marks(source))
    writer = None
    for _ in range(5):
        frame = source.read(10.0)
        assert frame is not None
        scene = engine.process(frame)
        writer = writer or SessionWriter.create(tmp_path_factory.mktemp("diff"), scene, clock)
        writer.write_frame(frame)
        if frame.seq != 3:
            writer.write_scene(scene)
    source.close()
    assert writer is not None
    writer.close()
    return writer.folder


def test_a_session_against_itself_and_against_lines(
    session_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    itself = str(session_folder)
    assert diff(capsys, itself, itself, "--check") == (0, ["0 of 5 frames differ"])
    session = open_session(session_folder)
    lines = list(recorded_lines(session))
    session.close()
    assert [line["frame"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[3]["needle"]["state"] == "none"
    changed = json.loads(json.dumps(lines[:4]))
    changed[1]["targets"][0]["state"] = "lost"
    changed[2]["needle"]["tip"]["px"] = [500.0, 300.0]
    changed[2]["needle"]["entry_px"] = [400.0, 200.0]
    other = write(tmp_path / "b.jsonl", changed)
    code, said = diff(capsys, itself, str(other), "--out", str(tmp_path / "page"))
    assert code == 0
    name = lines[1]["targets"][0]["name"]
    assert said[0] == f"frame 1: {name} state: tracked / lost"
    assert said[1].startswith("frame 2: tip place: None / [500.0, 300.0]")
    assert said[2:] == ["frame 4: no line in B", "3 of 5 frames differ"]
    page = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert "3 of 5 frames differ" in page
    pictures = sorted(path.name for path in (tmp_path / "page").glob("*.png"))
    assert pictures == ["frame-000001.png", "frame-000002.png", "frame-000004.png"]
    assert all(picture in page for picture in pictures)


def test_every_key_that_changes_is_seen(session_folder: Path) -> None:
    session = open_session(session_folder)
    lines = list(recorded_lines(session))
    session.close()
    for place, value in (
        (("needle", "confidence"), 0.123), (("needle", "mode"), "other"), (("needle", "tip", "hidden_reason"), "x"),
        (("guidance", "advice"), "x"), (("guidance", "alarms"), [{"code": "x"}]), (("other_needles",), [{}]),
    ):  # fmt: skip
        changed = json.loads(json.dumps(lines))
        at = changed[0]
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = value
        assert [found.frame for found in disagreements(lines, changed)] == [0], place


def test_tracking_anew_gives_the_lines_of_the_track_command_on_every_run(session_folder: Path, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        anew = open_retracked(session_folder)
        assert [done for _, done, _ in anew.steps()] == [1, 2, 3, 4, 5]
        texts.append([json.dumps(line, ensure_ascii=False) for line in anew.lines()])
        assert anew.scene(4).frame.pixels.any()
        assert [state.name for state in anew.scene(4).tracking.structures] == [
            s.name for s in anew.scene(4).plan.structures
        ]
        anew.close()
    out = tmp_path / "lines.jsonl"
    with pytest.raises(SystemExit) as ended:
        run(["track", str(session_folder), "--out", str(out)])
    assert ended.value.code == 0
    assert texts[0] == texts[1] == out.read_text(encoding="utf-8").splitlines()
    assert json.loads(texts[0][4])["targets"]


@pytest.mark.parametrize("text", ["", "no json\n", '{"frame": 1}\n'])
def test_what_is_no_run_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a"
    path.write_text(text)
    with pytest.raises(SystemExit) as ended:
        run(["diff", str(path), str(path if text else tmp_path / "none")])
    assert ended.value.code == 1
    assert "give" in capsys.readouterr().err
