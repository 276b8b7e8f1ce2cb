"""The commands on recorded sessions that open no window."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtguide.app.examples import examples_of
from rtguide.app.system import require_libraries, require_window
from rtguide.errors import ConfigError, RecordingError

if TYPE_CHECKING:
    from rtguide.recording.layout import Box

__all__ = ["add_session_commands"]

SessionPath = Annotated[Path, typer.Argument(metavar="SESSION", help="A session folder.")]


def add_session_commands(app: typer.Typer) -> None:
    """Give the application its session commands."""
    for command in (recover, export, diff, report, rate):
        app.command(command.__name__, epilog=examples_of(command.__name__))(command)


def recover(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A session folder, or a folder that holds some.")],
    is_check: Annotated[
        bool, typer.Option("--check", help="Change nothing; compare the checksums, and exit 1 if anything differs.")
    ] = False,
) -> None:
    """Repair what a crash left of a recording, check every picture and checksum, and say exactly what is missing."""
    require_libraries(is_windowed=False)
    from rtguide.app.recover import check_all, recover_all

    if is_check:
        is_well = True
        for line, is_one_well in check_all(folder):
            typer.echo(line)
            is_well = is_well and is_one_well
        if not is_well:
            raise typer.Exit(1)
        return
    for line in recover_all(folder):
        typer.echo(line)


def export(
    session: SessionPath,
    form: Annotated[
        str,
        typer.Option(
            "--to", metavar="FORM", help="mp4, mkv, png, csv, parquet, mha, nrrd or dicom; the last three are grey."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="A new file; for png a new folder.")],
    has_overlay: Annotated[bool, typer.Option("--overlay", help="Burn in what was shown.")] = False,
    is_anonymous: Annotated[
        bool,
        typer.Option(
            "--anonymous",
            help="Names of structures become numbers, dates are left out, text in the picture is refused.",
        ),
    ] = False,
    blank: Annotated[
        list[str] | None, typer.Option("--blank", metavar="X,Y,WIDTH,HEIGHT", help="Make this part black; repeatable.")
    ] = None,
    is_text_ok: Annotated[
        bool, typer.Option("--text-ok", help="You have looked: what looks like text names nobody.")
    ] = False,
    side: Annotated[
        str, typer.Option("--side", metavar="NAME", help="A recorded second camera beside the picture: mp4, mkv, png.")
    ] = "",
) -> None:
    """Write a recorded session in a form that other programs read. The pictures hold the recorded region only."""
    require_libraries(is_windowed=False)
    from rtguide.app.export import ExportForm, ExportJob
    from rtguide.app.export import export as run_export

    forms = [one.value for one in ExportForm]
    if form not in forms:
        raise ConfigError(f"--to {form}: give one of {', '.join(forms)}")
    painter = None
    if has_overlay:
        from rtguide.view.offscreen import ScenePainter

        painter = ScenePainter()
    blanks = tuple(_box(text) for text in blank or ())
    job = ExportJob(session, ExportForm(form), out, has_overlay, is_anonymous, blanks, is_text_ok, side)
    count = run_export(job, painter)
    typer.echo(f"wrote {count} frames to {out}", err=True)


def _box(text: str) -> "Box":
    from rtguide.recording.layout import Box

    try:
        x, y, width, height = (int(part) for part in text.split(","))
        return Box(x, y, width, height)
    except (ValueError, RecordingError) as error:
        raise ConfigError(f"--blank {text}: give whole pixels as X,Y,WIDTH,HEIGHT, for example 10,0,200,30") from error


def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="A session folder, or a file of track lines.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one over the same frames.")],
    tolerance_px: Annotated[
        float, typer.Option("--tolerance-px", min=0.0, help="Places this close count as the same; 0 compares all.")
    ] = 0.0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also a page with pictures, where one is a session.")
    ] = None,
    is_check: Annotated[bool, typer.Option("--check", help="Exit 1 if anything differs.")] = False,
    allowed: Annotated[
        float, typer.Option("--allow", metavar="SHARE", min=0.0, max=1.0, help="With --check: this share may differ.")
    ] = 0.0,
) -> None:
    """List where two runs, trackers or versions disagree, frame by frame."""
    require_libraries(is_windowed=False)
    from rtguide.app.diff import diff as compare
    from rtguide.app.diff import write_report

    result = compare(a, b, tolerance_px)
    try:
        for line in result.summary():
            typer.echo(line)
        if out is not None:
            write_report(result, out, (str(a), str(b)))
    finally:
        if result.session is not None:
            result.session.close()
    if is_check and len(result.found) > allowed * result.frame_count:
        raise typer.Exit(1)


def report(
    sessions: Annotated[list[Path], typer.Argument(metavar="SESSION…", help="Session folders, of one learner.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="A new file.")],
    rubric: Annotated[
        Path | None, typer.Option("--rubric", metavar="FILE.toml", help="Your own limits and weights: docs/reports.md.")
    ] = None,
    learner: Annotated[str, typer.Option("--learner", metavar="NAME", help="A pseudonym to stand on the page.")] = "",
    consent: Annotated[
        str, typer.Option("--consent", metavar="TEXT", help="What the learner agreed to, and when: stands on the page.")
    ] = "",
    experts: Annotated[
        list[Path] | None,
        typer.Option("--experts", metavar="DIR", help="A session, or a folder of some: the reference. Repeatable."),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, too.")] = False,
) -> None:
    """Score recorded attempts and write a page: key pictures, clips, plots, figures, and the course over sessions."""
    require_libraries(is_windowed=False)
    from rtguide.app.report.command import ReportJob, make_report

    reference = tuple(session for folder in experts or () for session in _sessions_in(folder))
    make_report(ReportJob(tuple(sessions), out, rubric, learner, consent, reference), is_json=is_json)


def _sessions_in(folder: Path) -> list[Path]:
    """A session itself, or those in a folder."""
    if (folder / "session.json").is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob("*/session.json"))
    if not found:
        raise ConfigError(f"--experts {folder}: is no session and holds none")
    return found


def rate(
    sessions: Annotated[list[Path], typer.Argument(metavar="SESSION…|DIR", help="Sessions; with --agree the folder.")],
    raters: Annotated[list[str] | None, typer.Option("--rater", metavar="NAME", help="Repeatable.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A new folder, one inside for each.")] = None,
    rubric: Annotated[
        Path | None, typer.Option("--rubric", metavar="FILE.toml", help="Your own checklist: docs/reports.md.")
    ] = None,
    is_agreement: Annotated[bool, typer.Option("--agree", help="Read the filled sheets in DIR; print JSON.")] = False,
) -> None:
    """Prepare recordings for blinded raters, let one rate in a window (DIR --rater NAME), or tell how far two agree."""
    require_libraries(is_windowed=False)
    import json

    from rtguide.app.rate import SHEET_FILE, RateJob, prepare, rated, show_rate

    if is_agreement:
        if len(sessions) != 1:
            raise ConfigError("--agree takes the one folder that `rtguide rate --out` made")
        typer.echo(json.dumps(rated(sessions[0], rubric), indent=1, ensure_ascii=False))
        return
    if out is None:
        place = sessions[0] / raters[0] if len(sessions) == 1 and raters else sessions[0]
        if not (place / SHEET_FILE).exists():
            raise ConfigError("rate needs --out DIR for clips and sheets, a rater's folder, or --agree to read both")
        require_window("rate")
        from rtguide.app.windows import show_window

        show_rate(place, rubric, show_window)
        return
    key = prepare(RateJob(tuple(sessions), tuple(raters or ("a", "b")), out, rubric))
    typer.echo(f"wrote {out}; {key} tells the codes: keep it from the raters", err=True)
