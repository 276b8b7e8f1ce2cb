"""The mode of the needle: the plan chooses it, a key changes it, a source that is opened anew is told."""

from fake_feed import FakeFeed
from rtguide.model.block_plan import BlockPlan
from rtguide.model.needle import NeedleMode
from rtguide.model.plan import Approach
from rtguide.view.live_commands import COMMANDS
from rtguide.view.mode_desk import ModeDesk

ACROSS = BlockPlan("a", "A", approach=Approach.OUT_OF_PLANE)
WITHIN = BlockPlan("b", "B", approach=Approach.IN_PLANE_LEFT)


def test_a_plan_out_of_plane_chooses_the_mode_by_itself_and_the_key_changes_it() -> None:
    desk, feed = ModeDesk(), FakeFeed()
    desk.apply(feed, None)
    desk.apply(feed, WITHIN)
    assert feed.modes == [], "in the plane is how a source begins"
    for _ in range(3):
        desk.apply(feed, ACROSS)
    assert feed.modes == [NeedleMode.OUT_OF_PLANE], "told once"
    desk.toggle()
    desk.apply(feed, ACROSS)
    assert feed.modes[1:] == [NeedleMode.IN_PLANE], "the key wins until another plan is chosen"
    desk.apply(feed, WITHIN)
    desk.apply(feed, ACROSS)
    assert desk.is_out_of_plane


def test_another_source_is_told_too() -> None:
    desk, first, second = ModeDesk(), FakeFeed(), FakeFeed()
    desk.toggle()
    desk.apply(first, None)
    desk.apply(second, None)
    assert second.modes == [NeedleMode.OUT_OF_PLANE]


def test_the_key_is_in_the_list_of_commands_once() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert keys.count("F7") == 1
