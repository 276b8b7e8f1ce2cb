"""The examples on the help pages are commands that rtguide takes, and every one stands on its page."""

import shlex

import click
import pytest
import typer
from typer.testing import CliRunner

from rtguide.app.cli import app
from rtguide.app.examples import EXAMPLES

ROOT = typer.main.get_command(app)


@pytest.mark.parametrize("example", [one for those in EXAMPLES.values() for one in those])
def test_an_example_is_taken_as_it_stands(example: str) -> None:
    program, name, *arguments = shlex.split(example)
    assert program == "rtguide"
    command = ROOT.get_command(click.Context(ROOT), name)
    assert command is not None
    command.make_context(name, arguments)  # every option is there, and takes its value


def test_an_option_that_is_not_there_is_noticed() -> None:
    command = ROOT.get_command(click.Context(ROOT), "live")
    with pytest.raises(Exception, match="--nothing"):
        command.make_context("live", ["clip.mp4", "--nothing"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_stands_at_the_end_of_its_page(name: str) -> None:
    page = CliRunner(env={"COLUMNS": "200"}).invoke(app, [name, "--help"]).output
    assert all(example in page for example in EXAMPLES[name])
