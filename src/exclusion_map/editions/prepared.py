"""The normalised columns of an edition's indices, held once for all who work with them."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from exclusion_map.areas.on_demand import MANY
from exclusion_map.editions.manifest import EditionIndex
from exclusion_map.index import Composite, Definition, Prepared, ValueTable, prepare


@dataclass(frozen=True, eq=False)
class _Published(Prepared):
    """Columns whose index by its own weights is worked out once: everybody asks for that."""

    @cached_property
    def _composed(self) -> Composite:
        return super().compose()

    def compose(self, weights: Mapping[str, float] | None = None) -> Composite:
        """Return the index, with some weights replaced by id where given.

        Raises:
            DefinitionError: a weight's id is unknown, a weight negative, a group without weight.
        """
        return super().compose(weights) if weights else self._composed


class PreparedIndices(Mapping[str, Prepared]):
    """What scoring by each index begins with, among all areas, made when first asked for.

    Raises:
        DefinitionError: an index cannot be run by this version.
    """

    def __init__(self, indices: Sequence[EditionIndex], table: ValueTable) -> None:
        self._indices = {
            str(index.id): Definition.parse(index.definition, index.id) for index in indices
        }
        self._table = table
        self._made: dict[str, Prepared] = {}
        self._making = threading.Lock()

    def __getitem__(self, index: str) -> Prepared:
        made = self._made.get(index)
        if made is None:
            definition = self._indices[index]
            with self._making:
                made = self._made.get(index) or self._prepare(definition)
                self._made[index] = made
        return made

    def _prepare(self, definition: Definition) -> Prepared:
        # The table keeps the ranks of its columns for the next index; of very many areas they are
        # in the normalised columns already, and a copy of the table takes the others along.
        many = len(self._table) > MANY
        made = prepare(definition, replace(self._table) if many else self._table)
        return _Published(
            **{one.name: getattr(made, one.name) for one in fields(made)} | {"table": self._table}
        )

    def holds(self, definition: Definition) -> bool:
        """Return whether a definition is just what an index of the edition was made by."""
        return self._indices.get(str(definition.id)) == definition

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)
