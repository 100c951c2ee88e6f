"""Score an open edition by any index in one call: for commands, notebooks and scripts."""

from collections.abc import Mapping
from types import MappingProxyType

from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Answer, Question, answer
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import NotFoundError
from exclusion_map.index import Definition, ValueTable, library

_NO_WEIGHTS: Mapping[str, float] = MappingProxyType({})


def values_of(edition: Edition) -> ValueTable:
    """Return the values of an edition's small areas, as the index engine takes them."""
    directions = {str(one.id): one.direction for one in edition.manifest.indicators}
    return value_table(edition.atlas, directions)


def definition_named(edition: Edition, identity: str = "") -> Definition:
    """Return an index of an edition, or of the library, by its id; the default one for none.

    Raises:
        NotFoundError: there is none of that id.
    """
    wanted = identity or edition.manifest.default_index
    for index in edition.manifest.indices:
        if index.id == wanted:
            return Definition.parse(index.definition, index.id)
    if wanted in library():
        return library()[wanted]
    known = dict.fromkeys((*(index.id for index in edition.manifest.indices), *library()))
    raise NotFoundError(
        f"index {wanted!r}", found="no such index", expected=f"one of: {', '.join(known)}"
    )


def scored(
    edition: Edition,
    definition: Definition | str = "",
    *,
    weights: Mapping[str, float] = _NO_WEIGHTS,
    base: BaseName = BaseName.ALL,
) -> Answer:
    """Return an index worked out for every small area of an edition.

    Args:
        edition: open.
        definition: or the id of an index; the edition's default one if left out.
        weights: that replace the definition's, by id of group or indicator.
        base: among whom to normalise and rank.

    Raises:
        NotFoundError: there is no such index, or no areas of the base's kind.
        DefinitionError: the definition names an indicator that the edition has not.
    """
    found = definition_named(edition, definition) if isinstance(definition, str) else definition
    asked = Question(definition=found, weights=weights, base=base)
    return answer(edition.atlas, values_of(edition), asked)
