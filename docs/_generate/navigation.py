"""The menu of the site: what ``mkdocs.yml`` names, and pages it does not name yet."""

from collections.abc import Iterator
from typing import Any


def completed(menu: list[Any], pages: list[str]) -> list[Any]:
    """Return the menu with every page that it does not name put into the section of its folder.

    That is the first section, from the inside out, that names a page of the same folder itself; a
    page of a folder that no section holds goes to the end of the last one.
    """
    missing = sorted(set(pages) - set(named(menu)))
    widened = [_widened(entry, missing) for entry in menu]
    title, inside = next(iter(widened[-1].items()))
    return [*widened[:-1], {title: [*inside, *missing]}]


def named(menu: list[Any]) -> Iterator[str]:
    """Yield every path a menu names."""
    for entry in menu:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(value, list):
            yield from named(value)
        else:
            yield str(value)


def _widened(entry: Any, missing: list[str]) -> Any:
    if not isinstance(entry, dict):
        return entry
    title, inside = next(iter(entry.items()))
    if not isinstance(inside, list):
        return entry
    inside = [_widened(one, missing) for one in inside]
    folders = {_folder(one) for one in inside if isinstance(one, str)} - {""}
    taken = [path for path in missing if _folder(path) in folders]
    for path in taken:
        missing.remove(path)
    return {title: [*inside, *taken]}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
