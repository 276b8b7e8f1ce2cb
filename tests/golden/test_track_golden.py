"""The regression net over `recordings/`: today's tracker says what the stored one said, and a worse one is caught.

Renewed on purpose by `regenerate_tracks.py`, which prints what changed. Between machines sums come out a little
differently: places within a pixel are the same, and one frame in fifty may differ (a threshold met a frame later).
"""

import sys
from collections import deque
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from track_baseline import CASES, baseline_of, track

from rtguide.app.cli import run
from rtguide.model.frame import Frame
from rtguide.model.scene import Tracking
from worse_tracker import WorseTracker, beside

RULE = ("--check", "--tolerance-px", "1", "--allow", "0.02")


class Late(WorseTracker):
    """Says everything five frames late."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Tracking] = deque(maxlen=6)

    def worsened(self, frame: Frame, tracking: Tracking) -> Tracking:
        self._waiting.append(tracking)
        return self._waiting[0]


class Beside(WorseTracker):
    """Every structure a pixel and a half to the side."""

    def worsened(self, frame: Frame, tracking: Tracking) -> Tracking:
        return beside(tracking, 1.5)


def differs(a: Path, b: Path, *rule: str) -> bool:
    with pytest.raises(SystemExit) as ended:
        run(["diff", str(a), str(b), *rule])
    assert ended.value.code in (0, 1)
    return ended.value.code == 1


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_todays_tracker_says_what_the_stored_one_said_and_the_same_again(case: Path, tmp_path: Path) -> None:
    track(case, tmp_path / "a.jsonl")
    track(case, tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert not differs(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--check")
    assert not differs(baseline_of(case), tmp_path / "a.jsonl", *RULE), (
        "today's tracker says something else of the recordings: rtguide diff shows where; if it is better, "
        "tests/golden/regenerate_tracks.py renews the baseline"
    )


@pytest.mark.parametrize("worse", [Late, Beside])
def test_a_worse_tracker_is_caught(
    case: Path, worse: type[WorseTracker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtguide.app.compose.make_tracker", worse)
    track(case, tmp_path / "worse.jsonl")
    assert differs(baseline_of(case), tmp_path / "worse.jsonl", *RULE)


def test_a_broken_baseline_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(baseline_of(CASES[0]).read_bytes()[:500])
    assert differs(tmp_path / "a.jsonl.gz", baseline_of(CASES[0]))
    assert "cannot be read" in capsys.readouterr().err
