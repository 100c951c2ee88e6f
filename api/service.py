"""What the service knows: one open edition and everything derived from it, made once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from api.packing import Measure, Packed, pack
from exclusion_map.areas.profile import AreaProfile
from exclusion_map.areas.profiler import Profiler
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.search import SearchAnswer, SearchIndex
from exclusion_map.directory.near import counts_inside, nearest_of_each_kind
from exclusion_map.directory.places import ListedPlaces, Places
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.manifest import EditionIndex
from exclusion_map.editions.profiling import Profilers
from exclusion_map.editions.reaching import listed_places
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import NotFoundError
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.scored_store import SizedCache

TILE_IDS_BYTES = 16_000_000
"""Most bytes of feature ids of tiles remembered for an edition."""


class PlacesSource(Protocol):
    """Knows the places that can help, as they are now."""

    def places(self, service: "Service") -> Places:
        """Return them."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """An open edition with its search index and the maker of profiles. Nothing in it changes."""

    edition: Edition
    profilers: Mapping[str, Profiler]
    """One for each index of the edition."""
    values: Mapping[tuple[str, AreaKind, Measure], Packed]
    directory: PlacesSource | None = None
    """Where places come from; None for the edition's own lists alone."""

    @cached_property
    def search_index(self) -> SearchIndex:
        """Every name, code and postcode; made by ``warm``, or by the first search before that."""
        edition = self.edition
        return SearchIndex(edition.atlas, edition.postcodes, self.default_index)

    def warm(self) -> None:
        """Make what nearly every reader needs, but a service that starts can do without."""
        _ = self.search_index, self.profilers[self.default_index]

    def rehearse(self) -> None:
        """Make, before anybody is answered, all that the first profile would make others wait for.

        Without a database that is mostly the places of the edition: over a second for a country.
        """
        for level in self.edition.atlas.levels.values():
            self.profile(level.codes[0])

    @property
    def places(self) -> Places:
        """The places that can help, as they are now: of the directory, or of the edition."""
        return self._listed if self.directory is None else self.directory.places(self)

    @cached_property
    def _listed(self) -> ListedPlaces:
        return listed_places(self.edition)

    @cached_property
    def tile_ids(self) -> SizedCache[NDArray[np.uint32]]:
        """Feature ids of tiles that somebody looked at, by kind and place."""
        return SizedCache(TILE_IDS_BYTES)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """What a list of places can name."""
        return gazetteer_of(self.edition)

    @cached_property
    def estimates(self) -> SmallEstimates | None:
        """The modelled estimate of the small areas; None where the edition has none."""
        return estimates_of(self.edition)

    @property
    def default_index(self) -> str:
        """The index that is shown unless another is asked for."""
        return self.edition.manifest.default_index

    def index(self, identity: str | None) -> EditionIndex:
        """Return an index of the edition; the default one for None.

        Raises:
            NotFoundError: the edition has none of that id.
        """
        wanted = identity or self.default_index
        for index in self.edition.manifest.indices:
            if index.id == wanted:
                return index
        raise NotFoundError(
            f"index {wanted!r}",
            found="no such index in this edition",
            expected=f"one of: {', '.join(self.profilers)}",
        )

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """Return the places a query can mean, best first.

        Raises:
            InvalidRequestError: the query is empty or too long.
        """
        return self.search_index.search(query, limit)

    def profile(self, code: str, index: str | None = None) -> AreaProfile:
        """Return the profile of an area of any kind.

        Raises:
            NotFoundError: there is no such area or index.
        """
        atlas = self.edition.atlas
        level, row = atlas.find(code)
        profiler = self.profilers[self.index(index).id]
        if level.kind is AreaKind.SMALL_AREA:
            latitude, longitude = float(level.latitude[row]), float(level.longitude[row])
            near = nearest_of_each_kind(self.places, latitude, longitude)
            return profiler.profile(code, nearest=near)
        small = atlas.level(AreaKind.SMALL_AREA)
        inside = counts_inside(self.places, small, atlas.members(level, row))
        return profiler.profile(code, inside=inside)


def open_service(folder: Path, directory: PlacesSource | None = None) -> Service:
    """Open an edition and make what answering begins with; ``Service.warm`` makes the rest.

    Args:
        folder: of the edition.
        directory: where places come from; None for the edition's own lists alone.

    Raises:
        EditionError: the edition is damaged.
        DefinitionError: an index of the edition cannot be run by this version.
    """
    edition = open_edition(folder)
    return Service(
        edition=edition,
        profilers=Profilers(edition),
        values=pack(edition.atlas),
        directory=directory,
    )
