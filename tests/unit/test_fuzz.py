"""Whatever a file or a message holds, a reader answers with frames or one of our errors: no crash, no hang (2 s of
processor time), no more than 1 GiB of memory, no other exception.
"""

import sys
from pathlib import Path

import pytest

from fuzz_readers import READERS
from fuzzing import fuzz

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounds of this kind are Linux's")

BATCHES = [pytest.param(range(200), id="200"), pytest.param(range(200, 2200), id="2000", marks=pytest.mark.slow)]


@pytest.mark.parametrize("seeds", BATCHES)
@pytest.mark.parametrize("name", READERS)
def test_any_input_gives_frames_or_one_of_our_errors(name: str, seeds: range, tmp_path: Path) -> None:
    counts = fuzz(name, seeds, tmp_path)
    assert sum(map(len, counts)) == len(seeds)
    every = [count for of_one in counts for count in of_one]
    assert min(every) < READERS[name].whole, "some are damaged beyond reading"
    assert max(every) >= READERS[name].whole, "and some can still be read to the end"
    assert sum(max(of_one) > 0 for of_one in counts) >= len(counts) - 1, "of nearly every kind: a PNG has checksums"


@pytest.mark.parametrize(
    ("misdeed", "said"),
    [
        ("import os; os.abort()", "died of SIGABRT at seed 7"),
        ("while True: pass", "died of SIGPROF at seed 7"),
        ("bytearray(3 << 30)", "MemoryError"),
        ("{}['no such key']", "KeyError"),
    ],
)
def test_what_a_reader_must_not_do_is_noticed(
    misdeed: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that misbehaves at the seventh seed."""
    (tmp_path / "bad_readers.py").write_text(
        f"from fuzzing import Reader\n\ndef read(damaged):\n    if damaged.folder.name == '7':\n        {misdeed}\n"
        "    return 1\n\nREADERS = {'bad': Reader(lambda folder: [b'x'] * 8, read, 1)}\n"
    )
    (tmp_path / "7").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(AssertionError, match=said):
        fuzz("bad", range(7, 8), tmp_path / "7", "bad_readers")
