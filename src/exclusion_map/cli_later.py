"""Commands whose modules are imported when somebody calls them.

``--help`` and the start of the service need one line about each command, not what it works with:
that line stands beside its name in ``LATER``, and a test holds it against the command itself.
"""

from functools import cached_property
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from exclusion_map.cli_outputs import checked

_MODULE: Final = "exclusion_map.cli_{}"

LATER: Final[dict[str, tuple[str, str]]] = {
    "editions": (
        "editions",
        "List editions: which is current, when each was built, and its size.",
    ),
    "verify": (
        "editions",
        "Check every byte of editions and list all faults; exits with 1 if there are any.",
    ),
    "rollback": (
        "editions",
        "Make another edition current, after checking every byte of it.",
    ),
    "pull": (
        "editions",
        "Fetch the current edition from elsewhere, check every byte, and make it current here.",
    ),
    "export": ("exports", "Export areas with their figures, dictionary and credits to a file."),
    "export-support": ("exports", "Export support locations to a file."),
    "map": ("exports", "Draw a map as one HTML file that opens without an internet connection."),
    "gaps": (
        "targeting",
        "Find where risk is high and support is far, by the directory or the edition's lists.",
    ),
    "siting": (
        "targeting",
        "Choose the new places that help most; existing places stay.",
    ),
    "closing": (
        "targeting",
        "Show who has farther to go if a place of support closes, and where they would go.",
    ),
    "sample": (
        "sampling",
        "Draw a probability sample of survey sites from the current edition.",
    ),
    "precision": (
        "sampling",
        "Calculate how precise an area survey is: margin, design effect, areas needed, power.",
    ),
    "share": ("sharing", "Divide a total among areas or partners, with the reason for each share."),
    "footprint": (
        "footprint",
        "Show who a list, places, sites or a boundary serve, and who among them is at risk.",
    ),
    "assessment": (
        "assessment",
        "Gather evidence by protected characteristic and inclusion health group.",
    ),
    "reports": (
        "reports",
        "Write reports on places. If interrupted, run it again to continue.",
    ),
    "matrix": (
        "matrix",
        "Put areas into a risk matrix: how likely exclusion is, and how many it affects.",
    ),
    "journeys": (
        "journeys",
        "Calculate travel times to the nearest support, by public transport and on foot.",
    ),
    "place": (
        "place",
        "Assign points to small areas and add the scores there, by the million.",
    ),
    "backup": (
        "backup",
        "Back up everything people entered (directory, accounts, history) to one file.",
    ),
    "restore": (
        "backup",
        "Restore a backup into an SQLite or PostgreSQL database. Stop the service first.",
    ),
    "account": ("accounts", "Manage accounts: who may sign in, and what they may do."),
    "directory": (
        "directory",
        "The directory of support: import lists, list their sources, export it.",
    ),
    "readiness": (
        "readiness",
        "Readiness assessments: export one for its team, or hand one over.",
    ),
}
"""By the word that calls it: the end of its module's name, and the first words of its help."""

_NAMED: Final = {"export-support": "export_support", "map": "draw_map"}
"""Functions that are not called like their command; groups of commands are all called ``app``."""
_GROUPS: Final = ("account", "directory", "readiness")


class LaterCommand(TyperCommand):
    """Stands for a command until it is called."""

    @cached_property
    def real(self) -> Any:
        """The command itself, with its options; imports what it needs."""
        name = str(self.name)
        module = import_module(_MODULE.format(LATER[name][0]))
        # Typer makes a command that stands alone in another way than one among others.
        around = typer.Typer(add_completion=False, callback=lambda: None)
        if name in _GROUPS:
            around.add_typer(module.app, name=name)
        else:
            around.command(name)(getattr(module, _NAMED.get(name, name)))
        group: Any = typer.main.get_command(around)
        return checked(group.commands[name])

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read the words after the command as the command itself does."""
        return self.real.make_context(*arguments, **named)


class Commands(TyperGroup):
    """The commands that are here, then those that come later."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        checked(self)
        for name, (_, told) in LATER.items():
            self.add_command(LaterCommand(name, help=told))


def real(command: Any) -> Any:
    """Return the command that a stand-in stands for; any other as it is."""
    return command.real if isinstance(command, LaterCommand) else command
