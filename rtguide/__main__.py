"""`python -m rtguide` and the console script `rtguide`."""

import gc

__all__ = ["main"]

GARBAGE_EVERY = 50_000
"""New objects between two looks for garbage, instead of 700: imports make hundreds of thousands that stay, and looking
through them again and again costs a start 0.4 s of its 3.5 s (measured), and later a frame now and then."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(GARBAGE_EVERY, 20, 20)
    from rtguide.app.cli import run  # noqa: PLC0415 - nothing is imported before a command asks for it

    run()


if __name__ == "__main__":
    main()
