"""The rules of a procedure: nothing is skipped, one key leads through it, going back confirms the stop anew."""

from rtguide.model.block_plan import BlockPlan, BodySide, PlannedStructure, VolumeCeiling
from rtguide.model.structure import Role, Structure, StructureKind, Tissue, box_outline
from rtguide.view.workflow import STOP_CHECKS, Procedure, Stage, unmarked

PLAN = BlockPlan("femoral", "Femoral nerve block", checklist=("consent", "monitoring"))
S = 1_000_000_000


def at_the_stop() -> Procedure:
    procedure = Procedure().begun(0, is_scaled=True).with_plan(PLAN).with_side(BodySide.LEFT)
    for _ in range(3):
        procedure = procedure.next(0)
    return procedure


def test_block_and_side_are_chosen_and_never_taken_for_granted() -> None:
    procedure = Procedure().begun(0, is_scaled=True)
    assert procedure.missing() == "choose the block"
    assert procedure.next(0) == procedure
    procedure = procedure.with_plan(PLAN)
    assert procedure.missing() == "choose the side"
    assert procedure.next(0) == procedure


def test_one_key_ticks_item_by_item_and_then_goes_on() -> None:
    procedure = Procedure().begun(0, is_scaled=True).with_plan(PLAN).with_side(BodySide.RIGHT)
    said = []
    while procedure.stage is Stage.PLAN:
        said.append(procedure.missing())
        procedure = procedure.next(0)
    assert said == ["tick: consent", "tick: monitoring", ""]
    assert procedure.stage is Stage.STOP
    presses = 0
    while procedure.stage is Stage.STOP:
        procedure, presses = procedure.next(9 * S), presses + 1
    assert presses == len(STOP_CHECKS) + 1, "each is ticked by its own press, and the last one confirms"
    assert procedure.stage is Stage.GUIDE
    assert procedure.confirmed_ns == 9 * S
    assert procedure.details()["stop"] == list(STOP_CHECKS)


def test_guiding_and_injecting_follow_each_other_until_it_is_finished() -> None:
    procedure = at_the_stop()
    for _ in range(4):
        procedure = procedure.next(0)
    stages = []
    for _ in range(4):
        procedure = procedure.next(0)
        stages.append(procedure.stage)
    assert stages == [Stage.INJECT, Stage.GUIDE] * 2
    assert procedure.finished().stage is Stage.DONE
    assert at_the_stop().finished().stage is Stage.STOP, "nothing was done yet"


def test_going_back_to_the_stop_confirms_it_anew() -> None:
    procedure = at_the_stop()
    for _ in range(4):
        procedure = procedure.next(0)
    assert procedure.stage is Stage.GUIDE
    procedure = procedure.back()
    assert procedure.stage is Stage.STOP
    assert procedure.stopped == frozenset()
    assert procedure.missing() == f"tick: {STOP_CHECKS[0]}"


def test_another_block_has_its_own_list_and_a_tick_can_be_taken_back() -> None:
    procedure = Procedure().begun(0, is_scaled=True).with_plan(PLAN).ticked(0)
    assert procedure.checked == {0}
    assert procedure.ticked(0).checked == frozenset()
    assert procedure.with_plan(BlockPlan("tap", "TAP block", checklist=("consent",))).checked == frozenset()


def test_the_status_line_says_stage_block_side_and_time_since_the_stop() -> None:
    procedure = at_the_stop()
    assert procedure.words(0) == "STOP femoral left"
    for _ in range(4):
        procedure = procedure.next(10 * S)
    assert procedure.words(95 * S) == "GUIDE femoral left 1:25"
    assert Procedure().words(0) == ""


def test_what_is_not_marked_is_told_by_name_or_by_its_only_tissue() -> None:
    plan = BlockPlan("x", "X", (
        PlannedStructure("nerve", StructureKind.STRUCTURE, Tissue.NERVE, Role.BOTH),
        PlannedStructure("artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID),
        PlannedStructure("deep artery", StructureKind.STRUCTURE, Tissue.ARTERY, Role.AVOID),
    ))  # fmt: skip

    def marked(name: str, tissue: Tissue) -> Structure:
        return Structure(name, StructureKind.STRUCTURE, tissue, Role.AVOID, box_outline(0, 0, 5, 5))

    assert unmarked(plan, ()) == ("nerve", "artery", "deep artery")
    assert unmarked(plan, (marked("nerve 2", Tissue.NERVE),)) == ("artery", "deep artery")
    assert unmarked(plan, (marked("artery", Tissue.ARTERY),)) == ("nerve", "deep artery")


def test_a_ceiling_is_the_users_and_what_was_injected_is_told_against_it() -> None:
    ceiling = VolumeCeiling(20.0, "our department")
    procedure = Procedure().begun(0, is_scaled=True).with_plan(BlockPlan("x", "X", ceiling=ceiling))
    assert procedure.dose_words(0.0) == ""
    assert procedure.dose_words(15.0) == "15 of 20 ml (75 %, our department)"
    assert procedure.dose_words(25.0) == "OVER 25 of 20 ml (125 %, our department)"
    assert Procedure().begun(0, is_scaled=True).with_plan(PLAN).dose_words(99.0) == ""
