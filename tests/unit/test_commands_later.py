"""Commands are imported when they are called; what ``--help`` says of them is theirs."""

import subprocess
import sys

import pytest
import typer

from exclusion_map.cli import app
from exclusion_map.cli_later import LATER, LaterCommand, real


def _commands() -> dict[str, object]:
    group = typer.main.get_command(app)
    return dict(group.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", LATER)
def test_the_line_of_help_is_that_of_the_command(name: str) -> None:
    stand_in = _commands()[name]
    assert isinstance(stand_in, LaterCommand)
    command = real(stand_in)
    assert command.name == name
    said = " ".join((command.help or "").split("\n\n")[0].split())
    assert stand_in.help == said


def test_a_command_that_is_here_stands_for_itself() -> None:
    serve = _commands()["serve"]
    assert real(serve) is serve


def test_help_imports_no_command_and_no_numbers() -> None:
    code = """
import sys
from exclusion_map.cli import app
try:
    app(["--help"])
except SystemExit:
    pass
heavy = ("numpy", "pydantic", "sqlalchemy", "fastapi", "exclusion_map.cli_accounts")
print("imported:", [name for name in heavy if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "serve" in found.stdout
    assert "directory" in found.stdout
    assert found.stdout.rstrip().endswith("imported: []")
