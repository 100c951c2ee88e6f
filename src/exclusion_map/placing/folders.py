"""Folders of tables, also partitioned by subfolders such as ``year=2024``, as Spark writes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from exclusion_map.errors import InvalidRequestError

Keys = tuple[tuple[str, str | None], ...]
WORK: Final = ".parts"
"""How the names of work folders end; one may stand beside the input."""
_NONE: Final = "__HIVE_DEFAULT_PARTITION__"


def tables_in(folder: Path, is_table: Callable[[Path], bool]) -> dict[Path, Keys]:
    """Return the tables of a folder in the order of their names, with what their folders say.

    Names that begin with a dot or an underscore are passed over, as these programs do, and so are
    folders of this command's own work.

    Raises:
        InvalidRequestError: tables stand in a subfolder of another kind, or their folders do not
            have the same keys.
    """
    found: dict[Path, Keys] = {}
    _walk(folder, (), is_table, found)
    keys = {tuple(name for name, _ in one) for one in found.values()}
    if len(keys) > 1:
        raise InvalidRequestError(
            f"input {folder}",
            found="subfolders " + "; ".join(sorted("/".join(one) or "none" for one in keys))[:200],
            expected="the same keys in the names of all of them",
        )
    return found


def _walk(
    folder: Path, keys: Keys, is_table: Callable[[Path], bool], found: dict[Path, Keys]
) -> None:
    for one in sorted(folder.iterdir()):
        if one.name.startswith((".", "_")) or one.name.endswith(WORK):
            continue
        name, mark, value = one.name.partition("=")
        if not one.is_dir():
            if is_table(one):
                found[one] = keys
        elif mark and name:
            said = None if value == _NONE else unquote(value)
            _walk(one, (*keys, (unquote(name), said)), is_table, found)
        elif any(is_table(inside) for inside in one.rglob("*")):
            raise InvalidRequestError(
                f"input {folder}",
                found=f"tables in a subfolder {one.name}",
                expected="tables in the folder, or in subfolders named key=value",
                mend="Place that folder by itself, or move its files.",
            )
