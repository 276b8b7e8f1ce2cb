"""The table of alarms in the documentation has a row for every alarm there is, and its tests exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_alarm_has_its_row_with_priority_and_test() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rtguide" / "guidance").glob("*.py"))
    raised = set(re.findall(r'Alarm\(\s*"([a-z-]+)"', code))
    table = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (high|medium|low)[^|]* \| [^|]+ \| `[^|]+` \| ([^|]+) \|$", table, re.MULTILINE
    )
    assert {row[0] for row in rows} == raised
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    for name, _, where in rows:
        named = set(re.findall(r"`(test_\w+\.py)`", where))
        assert named, f"{name}: no test is named"
        assert named <= tests, f"{name}: {named - tests} do not exist"
