"""Study mode's draw: even, fixed by its seed, and not to be tampered with unseen."""

from collections import Counter
from pathlib import Path

import pytest

from rtguide.errors import ConfigError
from rtguide.recording.study_log import BLOCK, StudyArm, StudyLog, arm_of


def test_the_arms_are_even_after_every_block_and_differ_from_seed_to_seed() -> None:
    for seed in range(20):
        arms = [arm_of(seed, number) for number in range(1, 5 * BLOCK + 1)]
        for block in range(5):
            assert Counter(arms[block * BLOCK : (block + 1) * BLOCK]) == {StudyArm.WITH: 2, StudyArm.WITHOUT: 2}
    orders = {tuple(arm_of(seed, number) for number in range(1, BLOCK + 1)) for seed in range(60)}
    assert len(orders) == 6, "every order of two and two comes up"
    assert arm_of(7, 3) is arm_of(7, 3)


def test_attempts_go_on_where_the_last_run_ended(tmp_path: Path) -> None:
    first = StudyLog(tmp_path / "new", 7)
    made = [first.begin() for _ in range(3)]
    again = StudyLog(tmp_path / "new", 7)
    assert again.begun == 3
    made.append(again.begin())
    assert [attempt.number for attempt in made] == [1, 2, 3, 4]
    assert Counter(attempt.arm for attempt in made) == {StudyArm.WITH: 2, StudyArm.WITHOUT: 2}
    assert StudyLog(tmp_path / "new", 8).begun == 0


def test_a_log_that_was_edited_is_refused_with_its_line(tmp_path: Path) -> None:
    log = StudyLog(tmp_path, 7)
    arm = log.begin().arm
    log.begin()
    text = log.path.read_text()
    other = StudyArm.WITHOUT if arm is StudyArm.WITH else StudyArm.WITH
    log.path.write_text(text.replace(f'"{arm}"', f'"{other}"', 1))
    with pytest.raises(ConfigError, match=r"line 1: .* where the seed draws"):
        StudyLog(tmp_path, 7)
    log.path.write_text(text + "what\n")
    with pytest.raises(ConfigError, match="line 3: no attempt of a study"):
        StudyLog(tmp_path, 7)


def test_an_attempt_that_cannot_be_logged_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = StudyLog(tmp_path / "file" / "below", 7)
    with pytest.raises(ConfigError, match="cannot be logged"):
        log.begin()
    assert log.begun == 0


def test_a_log_that_lost_its_last_line_break_goes_on(tmp_path: Path) -> None:
    log = StudyLog(tmp_path, 7)
    log.begin()
    log.path.write_bytes(log.path.read_bytes().rstrip())
    StudyLog(tmp_path, 7).begin()
    assert StudyLog(tmp_path, 7).begun == 2


def test_a_log_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study-7.jsonl").write_bytes(b"\xff\xfe\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        StudyLog(tmp_path, 7)
