"""`rtguide bench speed`: tables and page hold what was measured; a structure costs less than optical flow."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rtguide.app.bench import speed
from rtguide.app.bench.flow_yardstick import FlowYardstick
from rtguide.app.bench.speed_page import write_speed_page
from rtguide.app.bench.structure_cost import COUNTS, CountRow
from rtguide.app.cli import app
from rtguide.errors import RecordingError

SIZE = speed.SpeedRow(640, 480, 2, 20, 3.0, 4.0, 1.0, 5.0, 0.5)
ROWS = [SIZE, speed.SpeedRow(1920, 1080, 2, 20, 3.5, 4.5, 1.5, 9.0, 0.5)]
NUMBERS = [CountRow(count, 20, 3.0 + 0.1 * count, 4.0, 1.0, 2.0, 1.0, 0.1 * count) for count in COUNTS]


def test_a_structure_is_measured_against_the_optical_flow_for_one() -> None:
    shares = [row.flow_share for row in NUMBERS]
    assert shares[0] is None
    assert shares[1:] == pytest.approx([0.05] * 4)


def test_the_page_holds_both_tables_and_plots(tmp_path: Path) -> None:
    path = tmp_path / "speed.html"
    write_speed_page(ROWS, NUMBERS, path)
    text = path.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert text.count("<polyline") == 6
    assert "1920×1080" in text
    assert "0.050" in text
    with pytest.raises(RecordingError, match="cannot be written"):
        write_speed_page(ROWS, NUMBERS, tmp_path / "none" / "speed.html")


def test_the_command_measures_what_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(speed, "SIZES", ((640, 480),))
    monkeypatch.setattr(speed, "DISTINCT", 12)
    page = tmp_path / "speed.html"
    result = CliRunner().invoke(app, ["bench", "speed", "--frames", "20", "--html", str(page), "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [row["structures"] for row in answer["structures"]] == list(COUNTS)
    assert answer["sizes"][0]["structures"] == 2
    assert answer["sizes"][0]["flow_median_ms"] > 0
    assert all(row["tracked_share"] > 0.5 for row in answer["structures"])
    assert page.is_file()


def test_the_yardstick_follows_points_on_the_structure() -> None:
    material = speed.simulated()
    yardstick = FlowYardstick(material.structures[0])
    assert yardstick.spend_ns(material.pictures[0], material.pictures[1]) > 0
