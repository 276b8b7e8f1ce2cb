import pytest

from rtguide.app.marks import marks_in_order, parse_mark
from rtguide.errors import ConfigError
from rtguide.model.structure import Role, StructureKind, StructureState, StructureTrack, Tissue


def test_a_box_keeps_its_corner_and_size() -> None:
    mark = parse_mark("--target", "nerve=300,196.5,80,22")
    assert (mark.name, mark.kind, mark.role, mark.tissue) == ("nerve", StructureKind.STRUCTURE, Role.BOTH, Tissue.NERVE)
    state = StructureState(mark.name, mark.kind, mark.tissue, mark.role, StructureTrack.TRACKED, mark.outline_px, 1.0)
    assert state.box_px == pytest.approx((300.0, 196.5, 80.0, 22.0))
    assert state.centre_px == pytest.approx((340.0, 207.5))


def test_marks_keep_the_order_of_the_command_line() -> None:
    arguments = (
        "clip.mp4 --avoid artery=1,2,3,4 --out x --target=nerve=5,6,7,8 --aim spot=1.5,2 --avoid-line pleura=0,9,9,9"
    )
    marks = marks_in_order(arguments.split())
    assert [mark.name for mark in marks] == ["artery", "nerve", "spot", "pleura"]
    assert [mark.kind.value for mark in marks] == ["structure", "structure", "point", "line"]
    assert marks[2].outline_px == ((1.5, 2.0),)
    assert marks[3].tissue is Tissue.PLEURA


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--target", "nerve"),
        ("--target", "nerve=1,2,3"),
        ("--target", "nerve=1,2,0,4"),
        ("--target", "=1,2,3,4"),
        ("--target", "nerve=1,2,x,4"),
        ("--aim", "spot=1,2,3,4"),
        ("--plane", "fascia=1,2,3"),
        ("--plane", "fascia=1,2"),
        ("--aim", "spot=nan,2"),
    ],
)
def test_a_mark_written_wrongly_is_refused_with_its_form(option: str, text: str) -> None:
    with pytest.raises(ConfigError, match="write"):
        parse_mark(option, text)


def test_two_structures_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="own name"):
        marks_in_order(["--target", "a=1,2,3,4", "--avoid", "a=1,2,3,4"])
