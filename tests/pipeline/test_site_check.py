"""The user's own site check: marked tips against the tool's, stored with the profile; lags beside it; the plot."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calibration.depth_scale import DepthScale
from rtguide.app import profiles, site_check
from rtguide.app.cli import run
from rtguide.app.lag_plot import write_lag_plot
from rtguide.app.profiles import keep_lag, profile_of, read_profile, write_profile
from rtguide.app.site_check import check_site, keep_site, read_marked_tips, site_of_session
from rtguide.errors import CalibrationError, ConfigError, RecordingError
from rtguide.model.site_check import SiteCheck
from rtguide.model.tracked_calibration import TrackedCalibration
from rtguide.phantom import Phantom, load_scenario
from ruler_screens import RulerScreen, draw_screen


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    monkeypatch.setattr(profiles, "profile_folder", lambda: folder)
    monkeypatch.setattr(site_check, "profile_folder", lambda: folder)
    found = DepthScale().calibrate([draw_screen(RulerScreen(depth_text="4.0 cm"))])
    write_profile(profile_of(found, "Linear 4 cm"), folder)
    return folder


def written(path: Path, rows: list[tuple[object, ...]], head: str = "frame,tip_x,tip_y") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n")
        csv.writer(file).writerows(rows)
    return path


def test_marked_tips_are_read_and_too_few_are_refused(tmp_path: Path) -> None:
    rows = [(n, 10.5 + n, 20) for n in range(12)]
    assert read_marked_tips(written(tmp_path / "a.csv", rows))[3] == (13.5, 20.0)
    with pytest.raises(ConfigError, match="marks 9 tips, 10 are wanted"):
        read_marked_tips(written(tmp_path / "b.csv", rows[:9]))
    with pytest.raises(ConfigError, match="first line is frame,tip_x,tip_y"):
        read_marked_tips(written(tmp_path / "c.csv", rows, "frame,x,y"))
    for row in ((3, "nan", 20), (3, 10, "inf"), (-1, 10, 20)):
        with pytest.raises(ConfigError, match="that cannot be"):
            read_marked_tips(written(tmp_path / "e.csv", [*rows, row]))
    hidden = [(*row, 0 if row[0] == 4 else 1) for row in rows]
    assert 4 not in read_marked_tips(written(tmp_path / "d.csv", hidden, "frame,tip_x,tip_y,tip_visible"))


def test_a_simulated_needle_is_checked_against_its_truth() -> None:
    address, phantom = "sim:femoral?seed=1&fps=10", Phantom(load_scenario("femoral"), seed=1, rate_hz=10.0)
    true = ((n, phantom.truth(n).needle_state().tip) for n in range(20, 120, 2))
    tips = {n: tip.px for n, tip in true if tip.is_seen and tip.px is not None}
    marked = dict(list(tips.items())[:10])
    if len(marked) < 10:
        pytest.fail("the scenario shows no needle in these frames: choose others")
    found = check_site(address, marked)
    assert found.tips == 10
    assert found.seen >= 8
    assert found.within >= 7
    assert found.median_mm < 0.5
    moved = check_site(address, {n: (x + 60.0, y) for n, (x, y) in marked.items()})
    assert moved.seen == found.seen
    assert moved.median_mm > found.median_mm + 1.0
    assert moved.within < found.seen


def test_a_recording_that_is_too_short_and_a_missing_scale_are_said(tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    Image.fromarray(draw_screen(RulerScreen(label_unit=None))).save(picture)
    with pytest.raises(CalibrationError, match="no verified scale"):
        check_site(str(picture), {0: (10.0, 10.0)})
    with pytest.raises(CalibrationError, match="ended before 1 of 2 marked frames"):
        check_site(str(picture), {0: (10.0, 10.0), 7: (10.0, 10.0)}, 0.1)


def test_check_and_lags_are_stored_with_the_profile(home: Path) -> None:
    check = SiteCheck(10, 8, 7, 0.9, 2.4, "a session")
    keep_site("Linear 4 cm", check)
    keep_lag("Linear 4 cm", capture_s=0.0812, tracker_s=-0.062)
    profile = read_profile(home / "Linear 4 cm.toml")
    assert profile.site == check
    assert (profile.capture_lag_s, profile.tracker_lag_s) == (0.0812, -0.062)
    assert "8 of 10 marked tips seen, 0.9 mm off (median), 2.4 mm at worst" in check.sentence
    assert replace(check, seen=0, within=0).sentence == "site check: none of 10 marked tips was seen"
    with pytest.raises(ConfigError, match="cannot be read"):
        keep_lag("another", capture_s=0.1)
    with pytest.raises(ConfigError, match="each at most the one before"):
        SiteCheck(10, 8, 9, 0.9, 2.4)


def test_the_lag_is_drawn(tmp_path: Path) -> None:
    t = np.arange(0.0, 10.0, 0.05)
    wave = np.sin(2 * t)
    curves = {"image_px": (t, 40 * wave), "probe_mm": (t + 0.1, wave), "probe_mm_shifted": (t, wave)}
    found = TrackedCalibration("latency", {"lag_s": 0.1}, "lag", curves={**curves, "correlation": (t - 5, wave)})
    write_lag_plot(found, tmp_path / "lag.png")
    drawn = np.array(Image.open(tmp_path / "lag.png")).astype(int)
    assert drawn.shape == (900, 1200, 3)
    assert ((drawn[..., 0] - drawn[..., 2]) > 60).any()
    with pytest.raises(RecordingError, match=r"ends with \.png"):
        write_lag_plot(found, tmp_path / "lag.txt")
    with pytest.raises(ConfigError, match="no curves"):
        write_lag_plot(replace(found, curves={}), tmp_path / "lag.png")


def test_a_wrong_profile_is_told_before_the_recording_is_tracked(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tips = written(tmp_path / "tips.csv", [(n, 10, 20) for n in range(10)])
    tracked: list[str] = []
    check = SiteCheck(10, 8, 7, 0.9, 2.4, "a session")
    monkeypatch.setattr(site_check, "check_site", lambda *_: tracked.append("yes") or check)
    with pytest.raises(SystemExit) as ended:
        run(["calibrate", "site", "sim:femoral", "--tips", str(tips), "--profile", "Linaer 4 cm"])
    assert ended.value.code == 2
    assert "Linaer 4 cm.toml" in capsys.readouterr().err
    assert not tracked
    with pytest.raises(SystemExit) as ended:
        run(["calibrate", "site", "sim:femoral", "--tips", str(tips), "--profile", "Linear 4 cm"])
    assert ended.value.code == 0
    assert tracked == ["yes"]
    assert read_profile(home / "Linear 4 cm.toml").site == check


def test_the_check_is_found_for_sessions_of_that_screen_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_site("Linear 4 cm", SiteCheck(10, 8, 7, 0.9, 2.4, "a session"))
    own = read_profile(home / "Linear 4 cm.toml").geometry

    class Session:
        geometries = (own,)

        def close(self) -> None:
            """Nothing to let go of."""

    monkeypatch.setattr(site_check, "open_recorded", lambda _: Session())
    said = site_of_session(home)
    assert said is not None
    assert said.startswith("Linear 4 cm: site check: 8 of 10 marked tips seen")
    Session.geometries = (replace(own, spacing_mm=(0.3, 0.3)),)
    assert site_of_session(home) is None
