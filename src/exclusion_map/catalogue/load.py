"""Read and validate the TOML declarations; an error names the file and the field at fault."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from exclusion_map.catalogue.models import Declared, Indicator, Source
from exclusion_map.errors import CatalogueError

Model = TypeVar("Model", bound=Declared)


def read_toml(path: Path | Traversable) -> dict[str, object]:
    """Return a TOML file as a dict.

    Raises:
        CatalogueError: the file is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(
            path.name, found=str(error), expected="a TOML file", mend="Correct the line it names."
        ) from None


def validate(model: type[Model], data: Mapping[str, object], name: str) -> Model:
    """Return ``data`` as an instance of ``model``; the error lists every invalid field.

    Raises:
        CatalogueError: the data does not fit the model.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or model.__name__}: {fault['msg']}"
            for fault in error.errors()
        )
        raise CatalogueError(
            name,
            found=faults,
            expected=f"the fields of {model.__name__}",
            mend="See docs/reference/catalogue.md.",
        ) from None


def _load(folder: Path | Traversable, model: type[Model]) -> dict[str, Model]:
    loaded: dict[str, Model] = {}
    for path in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not path.name.endswith(".toml"):
            continue
        item = validate(model, read_toml(path), path.name)
        identity = str(getattr(item, "id"))  # noqa: B009 - every declared model here has an id
        if path.name != f"{identity}.toml":
            raise CatalogueError(
                path.name, found=f"id {identity!r}", expected="the id to be the file's name"
            )
        loaded[identity] = item
    return loaded


def load_sources(folder: Path | Traversable) -> dict[str, Source]:
    """Return the sources declared in a folder of TOML files, by id.

    Raises:
        CatalogueError: a declaration does not fit the model, or gives an address that is not
            https.
    """
    loaded = _load(folder, Source)
    for item in loaded.values():
        _require_https(item)
    return loaded


def _require_https(item: Source) -> None:
    """Refuse plain http addresses, where a download could be tampered with on the way."""
    addresses = [item.page, item.licence_url, *(file.address for file in item.files)]
    plain = [address for address in addresses if address and not address.startswith("https://")]
    if plain:
        raise CatalogueError(
            f"{item.id}.toml", found=f"address {plain[0]}", expected="an https:// address"
        )


def load_indicators(folder: Path | Traversable) -> dict[str, Indicator]:
    """Return the indicators declared in a folder of TOML files, by id."""
    return _load(folder, Indicator)


@cache
def sources() -> Mapping[str, Source]:
    """Return the sources shipped with the package, by id."""
    return MappingProxyType(load_sources(files(__package__) / "sources"))


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return the indicators shipped with the package, by id."""
    return MappingProxyType(load_indicators(files(__package__) / "indicators"))


def source(identity: str) -> Source:
    """Return one source.

    Raises:
        CatalogueError: there is none of that id.
    """
    return _one(sources(), identity, "source")


def indicator(identity: str) -> Indicator:
    """Return one indicator.

    Raises:
        CatalogueError: there is none of that id.
    """
    return _one(indicators(), identity, "indicator")


def _one(items: Mapping[str, Model], identity: str, what: str) -> Model:
    try:
        return items[identity]
    except KeyError:
        raise CatalogueError(
            f"{what} {identity!r}", found="no such id", expected=f"one of {', '.join(items)}"
        ) from None
