"""`rtguide calibrate site`: the tool's own tip error at the user's place, from ten tips that were marked by eye."""

import csv
import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from rtguide.app.compose import build_engine
from rtguide.app.plugins import open_source
from rtguide.app.profiles import profile_folder, read_profile, read_profiles, write_profile
from rtguide.app.recorded import open_recorded
from rtguide.clock import SystemClock
from rtguide.errors import CalibrationError, ConfigError
from rtguide.model.points import Point
from rtguide.model.scene import Scene
from rtguide.model.site_check import SiteCheck
from rtguide.pipeline.offline import FrameSpan, frames_of

__all__ = ["check_site", "keep_site", "read_marked_tips", "site_of_session"]

TIPS_WANTED = 10
"""Marked tips below which a median and a coverage say little."""

REGION_95 = math.sqrt(math.log(1 - 0.95) / math.log(1 - 0.68))
"""Radius that holds 95 % of tip errors over the one that holds 68 %, of a round normal distribution."""


def read_marked_tips(path: Path) -> dict[int, Point]:
    """{frame: tip in image px} from a CSV file with the columns frame, tip_x, tip_y (a `truth.csv` is one).

    Rows without a tip, or whose tip_visible is not 1, are passed over.

    Raises
    ------
    ConfigError
        It cannot be read, or marks too few tips.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        tips = {
            int(row["frame"]): (float(row["tip_x"]), float(row["tip_y"]))
            for row in rows
            if row["tip_x"] and row["tip_y"] and (row.get("tip_visible") or "1") == "1"
        }
        if not all(math.isfinite(number) for tip in tips.values() for number in tip) or min(tips, default=0) < 0:
            raise ValueError("a frame or a place that cannot be")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{path}: is no list of tips ({error}); give a CSV file whose first line is frame,tip_x,tip_y"
        ) from error
    if len(tips) < TIPS_WANTED:
        raise ConfigError(f"{path}: marks {len(tips)} tips, {TIPS_WANTED} are wanted: freeze and mark some more")
    return tips


def check_site(address: str, tips: Mapping[int, Point], mm_per_px: float | None = None) -> SiteCheck:
    """Track the source as `rtguide track` does and hold its tips against the marked ones.

    Raises
    ------
    CalibrationError
        There is no verified scale, or the source ends before the last marked frame.
    """
    clock = SystemClock()
    distances, within, met = [], 0, 0
    with closing(open_source(address, clock, is_paced=False)) as source:
        engine = build_engine(source, clock, mm_per_px)
        for index, frame in enumerate(frames_of(source, FrameSpan(0, max(tips)))):
            scene = engine.process(frame)
            if (marked := tips.get(index)) is None:
                continue
            met += 1
            if (off := _off_mm(scene, marked)) is None:
                continue
            distances.append(off[0])
            within += off[1]
    if met < len(tips):
        raise CalibrationError(
            f"{address} ended before {len(tips) - met} of {len(tips)} marked frames: give the recording they are of"
        )
    middle, worst = (float(np.median(distances)), max(distances)) if distances else (0.0, 0.0)
    return SiteCheck(met, len(distances), within, round(middle, 3), round(worst, 3), address)


def _off_mm(scene: Scene, marked: Point) -> tuple[float, bool] | None:
    """(distance of the seen tip from the marked one, mm; whether that lies within its 95 % region); None if unseen."""
    tip = scene.tracking.needle.tip
    if not scene.geometry.is_verified:
        raise CalibrationError(
            "no verified scale: a tip error in millimetres needs one; calibrate the scale, or give --mm-per-px"
        )
    if not tip.is_seen or tip.px is None:
        return None
    distance_mm = scene.geometry.length_mm(tip.px, marked)
    assert distance_mm is not None
    distance_px = math.dist(tip.px, marked)
    return distance_mm, tip.sigma_px is not None and distance_px <= REGION_95 * tip.sigma_px


def keep_site(name: str, check: SiteCheck) -> Path:
    """Store it with the profile of this name; returns the file."""
    profile = read_profile(profile_folder() / f"{name}.toml")
    return write_profile(replace(profile, site=check), profile_folder())


def site_of_session(folder: Path) -> str | None:
    """What a site check said of the screen a session was recorded from; None where none was made."""
    with closing(open_recorded(folder)) as session:
        known = {(g.shape_px, g.region, g.spacing_mm) for g in session.geometries}
    for profile in read_profiles(profile_folder()):
        own = profile.geometry
        if profile.site is not None and (own.shape_px, own.region, own.spacing_mm) in known:
            return f"{profile.name}: {profile.site.sentence}"
    return None
