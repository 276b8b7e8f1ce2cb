"""`rtguide calibrate` and `profiles` without a window, and screens known again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calibration.depth_scale import DepthScale
from rtguide.app import profiles
from rtguide.app.cli import run
from rtguide.app.profiles import KnownScreens, profile_of, read_profile, read_profiles, write_profile
from rtguide.errors import CalibrationError, ConfigError
from rtguide.model.geometry import Provenance
from rtguide.opencv import cv2
from ruler_screens import RulerScreen, draw_screen

DESIGN = RulerScreen(depth_text="4.0 cm")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    monkeypatch.setattr(profiles, "profile_folder", lambda: folder)
    return folder


def saved(design: RulerScreen, path: Path) -> str:
    Image.fromarray(draw_screen(design)).save(path)
    return str(path)


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        run(arguments)
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


def test_scale_as_json_with_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, picture = saved(DESIGN, tmp_path / "screen.png"), tmp_path / "evidence.png"
    status, out, _ = told(["calibrate", "scale", source, "--json", "--picture", str(picture)], capsys)
    found = json.loads(out)
    assert status == 0
    assert found["mm_per_px"] == pytest.approx([1 / 13.7] * 2, rel=0.005)
    assert found["ruler"]["tick_mm"] == 5.0
    assert found["is_known_again_by_print"]
    drawn = np.array(Image.open(picture)).astype(int)
    assert ((drawn[..., 1] - drawn[..., 0]) > 100).sum() > 200


def test_region_in_words_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = saved(DESIGN, tmp_path / "screen.png")
    assert told(["calibrate", "region", source], capsys)[1].startswith("480×548 px at (260, 60): rectangle")
    found = json.loads(told(["calibrate", "region", source, "--json"], capsys)[1])
    assert found["geometry"]["region"]["type"] == "RectRegion"
    assert found["mm_per_px"] is None


def test_what_is_not_printed_is_asked_and_told(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = saved(replace(DESIGN, depth_text=None, label_unit=None), tmp_path / "screen.png")
    status, out, _ = told(["calibrate", "scale", source, "--save", "never"], capsys)
    assert status == 1
    assert "say how many millimetres" in out
    assert not home.exists()
    status, out, _ = told(["calibrate", "scale", source, "--tick-mm", "5", "--save", "by word"], capsys)
    assert status == 0
    assert "user's word" in out
    assert not read_profile(home / "by word.toml").is_distinct


def test_a_word_against_the_screen_or_the_source_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = saved(DESIGN, tmp_path / "screen.png")
    status, _, err = told(["calibrate", "scale", source, "--tick-mm", "10"], capsys)
    assert status == 1
    assert "the screen says that a tick is 5 mm" in err


@pytest.mark.data
def test_a_word_against_a_dicom_tag_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = str(data / "dicom" / "color3d_jpeg_baseline.dcm")
    status, _, err = told(["calibrate", "scale", clip, "--tick-mm", "5"], capsys)
    assert status == 1
    assert "a tick is 10.00 mm, not 5 mm" in err


def test_profiles_are_listed_exported_and_imported(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = saved(DESIGN, tmp_path / "screen.png")
    told(["calibrate", "scale", source, "--save", "Linear 4 cm", "--scanner", "X", "--depth", "4 cm"], capsys)
    assert json.loads(told(["profiles", "list", "--json"], capsys)[1])[0]["scanner"] == "X"
    copy = tmp_path / "copy.toml"
    assert told(["profiles", "export", "Linear 4 cm", "--out", str(copy)], capsys)[0] == 0
    (home / "Linear 4 cm.toml").unlink()
    assert told(["profiles", "import", str(copy)], capsys)[0] == 0
    assert read_profiles(home)[0].geometry.provenance is Provenance.PROFILE


def known(design: RulerScreen, name: str = "one") -> profiles.Profile:
    return profile_of(DepthScale().calibrate([draw_screen(design)]), name)


def test_a_profile_survives_its_file(tmp_path: Path) -> None:
    profile = known(DESIGN)
    assert read_profile(write_profile(profile, tmp_path)) == profile


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("scanner =", "scaner ="), "did you mean 'scanner'"),
        (("spacing_mm = [", "spacing_mm = [-"), "must be positive"),
        (("name =", "name = ="), "not valid TOML"),
    ],
)
def test_a_wrongly_edited_profile_says_where(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = write_profile(known(DESIGN), tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_profile(path)


def test_nothing_is_saved_without_a_scale() -> None:
    with pytest.raises(CalibrationError, match="say how many"):
        known(replace(DESIGN, depth_text=None, label_unit=None))


class Finder:
    """Stands for the region finder."""

    def calibrate(self, frames: object) -> object:
        raise CalibrationError("not known")


def test_a_screen_is_known_again_by_its_look_and_no_other_is() -> None:
    others = [
        replace(DESIGN, depth_mm=depth, px_per_mm=548 / depth, depth_text=f"{depth / 10:.1f} cm")
        for depth in (30.0, 50.0)
    ]
    screens = KnownScreens([known(d, f"{d.depth_mm:g}") for d in (DESIGN, *others)], Finder())  # type: ignore[arg-type]
    for design in (DESIGN, *others):
        frame = draw_screen(replace(design, seed=9))
        worn = cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 70])[1], cv2.IMREAD_COLOR)
        geometry = screens.calibrate([np.asarray(worn, np.uint8)]).geometry
        assert geometry.spacing_mm == pytest.approx([1 / design.px_per_mm] * 2, rel=0.005)
        assert geometry.is_verified
    with pytest.raises(CalibrationError, match="not known"):
        screens.calibrate([draw_screen(replace(DESIGN, depth_mm=35.0, px_per_mm=548 / 35, depth_text="3.5 cm"))])


def test_the_same_ticks_with_other_numbers_are_another_screen() -> None:
    """2 mm a dot at 4 cm and 10 mm a dot at 20 cm may stand on the same pixels."""
    dots = replace(DESIGN, form="dot", lengths_px=(10, 22), rhythm=5, tick_mm=2.0, label_unit=None, badge="4.0 cm")
    deep = replace(dots, tick_mm=10.0, depth_mm=200.0, px_per_mm=13.7 / 5, badge="20 cm")
    screens = KnownScreens([known(dots)], Finder())  # type: ignore[arg-type]
    assert screens.calibrate([draw_screen(dots)]).geometry.is_verified
    with pytest.raises(CalibrationError, match="not known"):
        screens.calibrate([draw_screen(deep)])


def test_a_profile_known_by_ticks_alone_is_not_verified() -> None:
    design = replace(DESIGN, label_unit=None, depth_text=None)
    profile = replace(known(DESIGN), look=DepthScale().calibrate([draw_screen(design)]).look)
    geometry = KnownScreens([profile], Finder()).calibrate([draw_screen(design)]).geometry  # type: ignore[arg-type]
    assert geometry.spacing_mm is not None
    assert not geometry.is_verified
