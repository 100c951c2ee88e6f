"""Read definitions from TOML, JSON or a dict; errors name the field at fault."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from exclusion_map import catalogue
from exclusion_map.errors import DefinitionError
from exclusion_map.index.definition import MEND, Definition
from exclusion_map.index.faults import TOO_DEEP


def load_definition(
    source: Path | Traversable | str | Mapping[str, Any], also: Iterable[str] = ()
) -> Definition:
    """Return a definition from a TOML or JSON file, or from a dict of the same shape.

    Args:
        source: path of a ``.toml`` or ``.json`` file, or its content as a dict.
        also: ids of indicators that are known besides those of the catalogue and those the
            definition declares as supplied.

    Raises:
        DefinitionError: the file cannot be read, is not a valid definition, or names an unknown
            indicator.
    """
    if isinstance(source, Mapping):
        definition = Definition.parse(source)
    else:
        path = Path(source) if isinstance(source, str) else source
        definition = Definition.parse(_read(path), path.name)
    check_indicators(definition, also)
    return definition


def _read(path: Path | Traversable) -> dict[str, Any]:
    try:
        text = _text(path.read_bytes())
        data = json.loads(text) if path.name.endswith(".json") else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        # the parsers of JSON and TOML recurse once per level
        found = TOO_DEEP if isinstance(error, RecursionError) else str(error)
        raise DefinitionError(
            f"definition {path.name}", found=found, expected="a TOML or JSON file", mend=MEND
        ) from None
    if not isinstance(data, dict):
        raise DefinitionError(
            f"definition {path.name}", found=type(data).__name__, expected="a table"
        )
    return data


def _text(data: bytes) -> str:
    """Return the text of a file, without the byte order mark that Windows editors may add."""
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if utf_16 else "utf-8-sig")


def check_indicators(definition: Definition, also: Iterable[str] = ()) -> None:
    """Raise a DefinitionError that names every unknown indicator."""
    known = {*catalogue.indicators(), *also, *(one.id for one in definition.supplied)}
    unknown = [
        name
        for leaf in definition.leaves()
        for name in (*leaf.node.choices, *leaf.node.plus)
        if name not in known
    ]
    if unknown:
        raise DefinitionError(
            f"definition {definition.id}",
            found=f"unknown indicators {', '.join(unknown)}",
            expected=f"some of {', '.join(sorted(known))}",
            mend="Correct the name, or declare it under [[supplied]] and supply its values.",
        )


@cache
def definitions() -> Mapping[str, Definition]:
    """Return the shipped definitions that an edition computes, by id, the default one first."""
    return MappingProxyType(_load_folder(SHIPPED))


@cache
def library() -> Mapping[str, Definition]:
    """Return every shipped definition by id: those of editions, and those kept for comparison.

    The latter may need indicators that no edition holds; the table must then supply them.
    """
    return MappingProxyType({**definitions(), **_load_folder(SHIPPED / "library")})


SHIPPED = files("exclusion_map.catalogue") / "indices"

DEFAULT = "exclusion"
"""Id of the index shown by default."""


def _load_folder(folder: Traversable) -> dict[str, Definition]:
    loaded: dict[str, Definition] = {}
    for path in folder.iterdir():
        if not path.name.endswith(".toml"):
            continue
        definition = load_definition(path)
        if path.name != f"{definition.id}.toml":
            raise DefinitionError(
                path.name, found=f"id {definition.id!r}", expected="the file's name"
            )
        loaded[str(definition.id)] = definition
    ordered = sorted(loaded, key=lambda identity: (identity != DEFAULT, identity))
    return {identity: loaded[identity] for identity in ordered}
