"""`python -m rtguide` and the console script `rtguide`."""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from rtguide.app.cli import run  # noqa: PLC0415 - nothing is imported before a command asks for it

    run()


if __name__ == "__main__":
    main()
