from rtguide.clock import ManualClock
from rtguide.errors import DeviceError
from rtguide.model.status import Fault
from rtguide.pipeline.loop import Loop, attempt


def _run(step: object) -> tuple[list[Fault], Loop]:
    faults: list[Fault] = []
    loop = Loop("test", step, faults.append, ManualClock(5))  # type: ignore[arg-type]
    loop.start()
    assert loop.join(10.0)
    return faults, loop


def test_a_loop_that_dies_says_why() -> None:
    def step() -> bool:
        raise ValueError("three\nlines\nof text")

    faults, loop = _run(step)
    assert faults == [Fault("test", "test stopped: ValueError: three lines of text", 5)]
    assert not loop.is_alive


def test_a_loop_ends_quietly_when_its_step_says_so() -> None:
    left = [3]

    def step() -> bool:
        left[0] -= 1
        return left[0] > 0

    faults, _ = _run(step)
    assert faults == []
    assert left == [0]


def test_attempt_gives_the_result_or_the_reason() -> None:
    assert attempt(int, "7") == (7, None)
    result, problem = attempt(int, "seven")
    assert result is None
    assert problem is not None
    assert problem.startswith("ValueError")

    def refuse() -> None:
        raise DeviceError("unplugged")

    assert attempt(refuse) == (None, "unplugged")
