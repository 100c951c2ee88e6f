"""Where a command is to write is looked at before it works, not after minutes of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from exclusion_map.outputs import check_folder, check_place

FILES: Final = frozenset(
    (
        *("out", "report", "areas_out", "record_out", "joint", "neighbourhoods", "unmatched"),
        "write_mapping",
    )
)
"""Options and arguments of any command that name a file to write."""
FOLDERS: Final = frozenset((("reports", "out"), ("sample", "packs")))
"""Those that name a folder, with their command; it is made if it is not there."""


def checked(command: Any) -> Any:
    """Return a command, or a group of them, that looks at its outputs first."""
    for one in getattr(command, "commands", {}).values():
        checked(one)
    for option in getattr(command, "params", ()):
        if (command.name, option.name) in FOLDERS:
            option.callback = _check_folders
        elif option.name in FILES:
            option.callback = _check_files
    return command


def _check_files(_context: Any, _option: Any, value: Any) -> Any:
    for path in _paths(value):
        check_place(path)
    return value


def _check_folders(_context: Any, _option: Any, value: Any) -> Any:
    for path in _paths(value):
        check_folder(path)
    return value


def _paths(value: Any) -> Iterable[Path]:
    given = value if isinstance(value, list | tuple) else [value]
    return (Path(one) for one in given if one is not None)
