"""Write the second half of docs/scenarios.md anew: `python docs/make_scenario_reference.py`."""

from pathlib import Path

from rtguide.phantom.scenario_reference import scenario_reference

PAGE = Path(__file__).parent / "scenarios.md"
MARK = "a test holds it up to date.\n\n"


def main() -> None:
    """Keep what stands before the reference."""
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + MARK + scenario_reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
