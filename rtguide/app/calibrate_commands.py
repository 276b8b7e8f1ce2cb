"""`rtguide calibrate region|scale` and `rtguide profiles`: what the picture is, without a window."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtguide.app.system import require_libraries
from rtguide.errors import ConfigError

if TYPE_CHECKING:
    from rtguide.model.tracked_calibration import TrackedCalibration

__all__ = ["calibrate_app", "profiles_app"]

calibrate_app = typer.Typer(
    help="What the picture is and how large it is. Look at the evidence (--picture) before you save a profile: "
    "millimetres rest on it.",
    no_args_is_help=True,
)
profiles_app = typer.Typer(
    help="Screens that were calibrated, one TOML file each; a source whose screen looks like one gets its scale.",
    no_args_is_help=True,
)

Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A path, sim:SCENARIO, grabber:0 …; see `rtguide devices`.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Picture = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE.png", help="Draw what was found over the first frame.")
]
SearchPicture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE.png", help="Draw where it looked and what it found, also when it fails."),
]
IntoProfile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Store it with this profile (`rtguide profiles list`).")
]
ProfileName = Annotated[str, typer.Argument(metavar="NAME", help="A name from `rtguide profiles list`.")]


@calibrate_app.command()
def region(source: Source, picture: Picture = None, is_json: AsJson = False) -> None:
    """Find the ultrasound picture on the screen: rectangle, fan or parallelogram, in image pixels."""
    require_libraries(is_windowed=False)
    from rtguide.app.calibrate import calibrate

    outcome = calibrate("image_region", source)
    if picture is not None:
        outcome.write_picture(picture)
    if is_json:
        typer.echo(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False))
        return
    box = outcome.found.geometry.region.bounds()
    typer.echo(f"{box.width:.0f}×{box.height:.0f} px at ({box.x:.0f}, {box.y:.0f}): {outcome.found.note}")


@calibrate_app.command()
def mark(source: Source, picture: Picture = None, is_json: AsJson = False) -> None:
    """On which side of the picture the probe's mark stands (left, right, unknown); confirm it by touching the probe."""
    require_libraries(is_windowed=False)
    from rtguide.app.calibrate import calibrate

    outcome = calibrate("mark_side", source)
    if picture is not None:
        outcome.write_picture(picture)
    typer.echo(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False) if is_json else outcome.found.note)


@calibrate_app.command()
def scale(
    source: Source,
    picture: Picture = None,
    tick_mm: Annotated[
        float | None,
        typer.Option("--tick-mm", min=0.1, max=100, help="What a tick stands for, where the screen does not say it."),
    ] = None,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME", help="Accept it and keep it as a profile: you stand for it."),
    ] = None,
    scanner: Annotated[str, typer.Option("--scanner", help="For the profile: the scanner.")] = "",
    probe: Annotated[str, typer.Option("--probe", help="For the profile: the probe.")] = "",
    depth: Annotated[str, typer.Option("--depth", help="For the profile: the depth setting.")] = "",
    is_json: AsJson = False,
) -> None:
    """Read the ruler on the screen: millimetres per pixel, with what says so.

    The ticks give the distance in pixels; numbers beside them or a printed depth say what a tick stands for. Where the
    screen does not say it, exit code 1 and no scale: look at the scanner and give --tick-mm.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.calibrate import calibrate, with_tick
    from rtguide.app.profiles import profile_folder, profile_of, write_profile

    outcome = calibrate("depth_scale", source)
    if tick_mm is not None:
        outcome = with_tick(outcome, tick_mm)
    if picture is not None:
        outcome.write_picture(picture)
    if is_json:
        typer.echo(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False))
    else:
        typer.echo(outcome.found.note)
    if outcome.warning is not None:
        typer.echo(f"rtguide: {outcome.warning}", err=True)
    if outcome.found.geometry.spacing_mm is None:
        raise typer.Exit(1)
    if save is not None:
        path = write_profile(profile_of(outcome.found, save, (scanner, probe, depth)), profile_folder())
        typer.echo(f"saved as {path}", err=True)


@calibrate_app.command()
def latency(
    pictures: Annotated[Path, typer.Argument(metavar="PICTURES", help="A recorded sequence (.mha, .nrrd).")],
    poses: Annotated[Path, typer.Argument(metavar="POSES", help="The tracker's recording (.mha) by the same clock.")],
    clip: Annotated[
        str | None, typer.Option("--clip", metavar="X,Y,W,H", help="Where the tank's bottom is, image pixels.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw both motions and their agreement.")
    ] = None,
    picture: SearchPicture = None,
    profile: IntoProfile = None,
    is_json: AsJson = False,
) -> None:
    """Lag between picture and tracker, from a probe moved up and down over the bottom of a water tank."""
    require_libraries(is_windowed=False)
    from rtguide.app.lag_plot import write_lag_plot
    from rtguide.app.profiles import keep_lag
    from rtguide.app.search_picture import calibrate_tracked
    from rtguide.recording.tracked_frames import read_poses, read_tracked

    settings = {} if clip is None else {"clip_px": _box(clip)}
    found = calibrate_tracked("latency", [read_tracked(pictures), read_poses(poses)], settings, picture)
    _print_tracked(found, is_json)
    if plot is not None:
        write_lag_plot(found, plot)
    if profile is not None:
        typer.echo(f"stored in {keep_lag(profile, tracker_s=found.figures['lag_s'])}", err=True)


@calibrate_app.command()
def site(
    source: Source,
    tips: Annotated[
        Path, typer.Option("--tips", metavar="FILE.csv", help="Ten or more marked tips: frame,tip_x,tip_y (image px).")
    ],
    mm_per_px: Annotated[
        float | None, typer.Option("--mm-per-px", min=0.001, help="Where neither source nor profile gives a scale.")
    ] = None,
    profile: IntoProfile = None,
    is_json: AsJson = False,
) -> None:
    """The tool's own tip error at your place: your scanner, probe, needle and a gel phantom, tips marked by eye.

    Record a minute, write down the tip in ten frames in which you see it, and hold what the tool says against them.
    Stored with a profile it is printed in the reports of sessions from that screen.
    """
    require_libraries(is_windowed=False)
    from rtguide.app.console import warm_up_kernels
    from rtguide.app.profiles import profile_folder, read_profile
    from rtguide.app.site_check import check_site, keep_site, read_marked_tips

    marked = read_marked_tips(tips)
    if profile is not None:  # a wrong name is told before the work, not after it
        read_profile(profile_folder() / f"{profile}.toml")
    warm_up_kernels()
    found = check_site(source, marked, mm_per_px)
    typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False) if is_json else found.sentence)
    if profile is not None:
        typer.echo(f"stored in {keep_site(profile, found)}", err=True)


@calibrate_app.command("probe-pose")
def probe_pose(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="CALIBRATION [VALIDATION]", help="Tracked sequences (.mha, .nrrd).")
    ],
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE.xml", help="PLUS's file: wires, and where the phantom lies.")
    ],
    picture: SearchPicture = None,
    is_json: AsJson = False,
) -> None:
    """Where the picture lies on a tracked probe, from pictures of an N-wire phantom."""
    require_libraries(is_windowed=False)
    from rtguide.app.search_picture import calibrate_tracked
    from rtguide.recording.plus_config import read_plus_config
    from rtguide.recording.tracked_frames import read_tracked

    settings = read_plus_config(config)
    missing = [key for key in ("wires_mm", "reference_from_phantom", "mm_per_px") if key not in settings]
    if missing:
        raise ConfigError(f"{config}: does not say {', '.join(missing)}; give the configuration of an N-wire phantom")
    read = [read_tracked(path) for path in recordings]
    _print_tracked(calibrate_tracked("probe_pose", read, settings, picture), is_json)


@calibrate_app.command()
def pivot(
    poses: Annotated[Path, typer.Argument(metavar="POSES", help="A tracked sequence (.mha), pictures or none.")],
    tool: Annotated[str, typer.Option("--tool", help="The tool's frame of reference.")] = "Stylus",
    reference: Annotated[str, typer.Option("--reference", help="What the hole is fixed to.")] = "Reference",
    is_json: AsJson = False,
) -> None:
    """The tip of a tracked stylus or needle, from swaying it about its tip in a hole."""
    require_libraries(is_windowed=False)
    from rtguide.app.plugins import tracked_method
    from rtguide.recording.tracked_frames import read_poses

    settings = {"tool": tool, "reference": reference}
    _print_tracked(tracked_method("pivot").calibrate([read_poses(poses)], settings), is_json)


def _box(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4:
        raise ConfigError(f"--clip {text}: give X,Y,W,H in image pixels")
    return numbers


def _print_tracked(found: "TrackedCalibration", is_json: bool) -> None:
    if not is_json:
        typer.echo(found.note)
        return
    matrix = None if found.matrix is None else found.matrix.tolist()
    curves = {name: {"x": x.tolist(), "y": y.tolist()} for name, (x, y) in found.curves.items()}
    row = {"method": found.method, "figures": dict(found.figures), "note": found.note}
    typer.echo(json.dumps({**row, "matrix": matrix, "matrix_name": found.matrix_name, "curves": curves}, indent=2))


@profiles_app.command("list")
def list_profiles(is_json: AsJson = False) -> None:
    """List the stored profiles and where they are: edit a file to change one, delete it to forget it."""
    from rtguide.app.profiles import profile_folder, read_profiles

    profiles = read_profiles(profile_folder())
    if is_json:
        rows = [
            {
                "name": p.name,
                "scanner": p.scanner,
                "probe": p.probe,
                "depth": p.depth,
                "mm_per_px": p.geometry.spacing_mm,
                "capture_lag_s": p.capture_lag_s,
                "tracker_lag_s": p.tracker_lag_s,
                "site": None if p.site is None else asdict(p.site),
            }
            for p in profiles
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    typer.echo(f"in {profile_folder()}:" if profiles else f"no profile yet in {profile_folder()}")
    for p in profiles:
        assert p.geometry.spacing_mm is not None
        words = " · ".join(word for word in (p.scanner, p.probe, p.depth) if word)
        lags = (("capture", p.capture_lag_s), ("tracker", p.tracker_lag_s))
        known = [f"{name} lag {lag_s * 1000:.0f} ms" for name, lag_s in lags if lag_s is not None]
        known += [p.site.sentence] if p.site is not None else []
        typer.echo(f"{p.name:28} {p.geometry.spacing_mm[1]:.5f} mm/px  {' · '.join(filter(None, (words, *known)))}")


@profiles_app.command("export")
def export_profile(
    name: ProfileName, out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="A new file.")]
) -> None:
    """Copy a profile, e.g. for another machine with the same scanner."""
    from rtguide.app.profiles import profile_folder, read_profile

    path = profile_folder() / f"{name}.toml"
    read_profile(path)
    if out.exists():
        raise ConfigError(f"{out} is there already; give a new name")
    shutil.copyfile(path, out)


@profiles_app.command("import")
def import_profile(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="A profile that was exported.")],
) -> None:
    """Take over a profile from a file."""
    from rtguide.app.profiles import profile_folder, read_profile, write_profile

    typer.echo(f"saved as {write_profile(read_profile(file), profile_folder())}")
