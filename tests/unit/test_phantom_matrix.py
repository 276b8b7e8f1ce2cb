"""Tips are hidden as often as in life, for several reasons; the count is that of the truth."""

import pytest

from rtguide.errors import ConfigError
from rtguide.model.needle import HiddenReason
from rtguide.phantom import Phantom, load_scenario, scenario_names
from rtguide.phantom.matrix import BY_NEEDLE, BY_PROBE, HiddenCount, as_table, count_hidden, hidden_matrix, pooled

RATE_HZ = 2.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("erector-spinae", BY_NEEDLE),
        ("tap", BY_PROBE),
        ("supraclavicular", HiddenReason.SHADOW.value),
        ("infraclavicular-hard", HiddenReason.STEEP.value),
        ("lumbar-facet-hard", HiddenReason.DEPTH.value),
    ],
)
def test_each_reason_has_a_scenario(name: str, reason: str) -> None:
    count = count_hidden(Phantom(load_scenario(name), seed=1, rate_hz=RATE_HZ))
    assert count.needle > 15
    assert 0.08 < count.share < 0.6
    assert max(count.reasons, key=lambda key: count.reasons[key]) == reason
    assert count.visible > 0.25 * count.needle, "there is something to look at"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_over_all_scenarios_a_quarter_to_two_fifths_of_the_tips_are_hidden(seed: int) -> None:
    counts = list(hidden_matrix(scenario_names(), seed, RATE_HZ))
    every = pooled(counts, "all")
    assert 0.25 <= every.share <= 0.40
    shares = {reason: number / every.needle for reason, number in every.reasons.items()}
    wanted = (BY_NEEDLE, BY_PROBE, HiddenReason.SHADOW.value, HiddenReason.STEEP.value, HiddenReason.DEPTH.value)
    assert {reason for reason in wanted if shares.get(reason, 0.0) >= 0.01} == set(wanted), shares
    easy = pooled((count for count in counts if not count.name.endswith("-hard")), "easy")
    assert 0.10 <= easy.share < every.share, "easy variants lose the tip too, less often"


def test_truth_without_the_picture_is_that_of_the_frame() -> None:
    phantom, other = (Phantom(load_scenario("popliteal-sciatic-hard"), seed=1, rate_hz=30.0) for _ in range(2))
    for index in (0, 7, 200):
        assert phantom.truth(index) == other.frame(index)[1]


def test_the_table_pools_frames_and_leaves_empty_what_there_is_not() -> None:
    first = HiddenCount("a", 10, 6, 1, 3, {"shadow": 3})
    second = HiddenCount("b", 30, 29, 0, 1, {"steep": 1})
    lines = as_table([first, second]).splitlines()
    assert lines[0] == "| scenario | needle frames | hidden | shadow | steep | grey zone |"
    assert lines[2] == "| a | 10 | 30 % | 30 % |  | 10 % |"
    assert lines[-1] == "| all | 40 | 10 % | 8 % | 2 % | 2 % |"


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ConfigError, match="the frames of a do not add up"):
        HiddenCount("a", 10, 6, 1, 2, {"shadow": 2})
    assert pooled((), "none").share == 0.0
