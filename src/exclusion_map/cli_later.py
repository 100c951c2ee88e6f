"""Commands whose modules are imported when somebody calls them.

``--help`` and the start of the service need one line about each command, not what it works with:
that line stands beside its name in ``LATER``, and a test holds it against the command itself.
"""

from functools import cached_property
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

_MODULE: Final = "exclusion_map.cli_{}"

LATER: Final[dict[str, tuple[str, str]]] = {
    "editions": (
        "editions",
        "List the editions: which is current, when each was built, how large it is.",
    ),
    "verify": (
        "editions",
        "Check every byte of editions and say all that is wrong; ends with 1 if anything is.",
    ),
    "rollback": (
        "editions",
        "Make another edition the current one, once every byte of it is checked.",
    ),
    "pull": (
        "editions",
        "Fetch the edition that is current elsewhere, check every byte, and make it current here.",
    ),
    "export": ("exports", "Write areas with their figures, dictionary and credits to a file."),
    "export-support": ("exports", "Write places that can help to a file."),
    "map": ("exports", "Draw a map as one HTML file that opens without a network."),
    "gaps": (
        "targeting",
        "Say where risk is high and support far, by the directory or the lists of the edition.",
    ),
    "siting": (
        "targeting",
        "Choose the new places that help most; those that are there stay.",
    ),
    "closing": (
        "targeting",
        "Say who has farther to go if a place of support closes, and where to.",
    ),
    "sample": (
        "sampling",
        "Draw survey sites from the current edition, by chances that are known.",
    ),
    "precision": (
        "sampling",
        "Say how precise a survey in areas would be: margin, design effect, areas needed, power.",
    ),
    "share": ("sharing", "Divide a total among areas or partners: who gets how many, and why."),
    "footprint": (
        "footprint",
        "Tell who a list, places, sites or an outline serve, and who among them is at risk.",
    ),
    "assessment": (
        "assessment",
        "Gather the evidence by protected characteristic and inclusion health group.",
    ),
    "reports": (
        "reports",
        "Write reports on places. Stopped and started again, it goes on where it was.",
    ),
    "matrix": (
        "matrix",
        "Put areas into a risk matrix: how likely exclusion is, and how many it would hit.",
    ),
    "journeys": (
        "journeys",
        "Minutes from each small area to the nearest support, by public transport and on foot.",
    ),
    "place": (
        "place",
        "Put points in small areas and give them the scores there, by the million.",
    ),
    "backup": (
        "backup",
        "Write all that people made (directory, accounts, history) to one file. The service may "
        "run.",
    ),
    "restore": (
        "backup",
        "Put a backup in the place of the database, of either kind. Stop the service before.",
    ),
    "account": ("accounts", "People who may sign in, and what they may do."),
    "directory": (
        "directory",
        "The directory of support: import lists, see its sources, export it.",
    ),
    "readiness": (
        "readiness",
        "Readiness: take a copy of an assessment for its team, hand one over.",
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
        return group.commands[name]

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read the words after the command as the command itself does."""
        return self.real.make_context(*arguments, **named)


class Commands(TyperGroup):
    """The commands that are here, then those that come later."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        for name, (_, told) in LATER.items():
            self.add_command(LaterCommand(name, help=told))


def real(command: Any) -> Any:
    """Return the command that a stand-in stands for; any other as it is."""
    return command.real if isinstance(command, LaterCommand) else command
