"""What the service knows: one open edition and everything derived from it, made once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from api.packing import Measure, Packed, pack
from exclusion_map.areas.drivers import contributions
from exclusion_map.areas.facts import FactMaker, SourceNote
from exclusion_map.areas.profile import AreaProfile, NearestSupport, SupportCount
from exclusion_map.areas.profiler import Profiler
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.search import SearchAnswer, SearchIndex
from exclusion_map.editions.columns import read_columns, texts
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.manifest import EditionIndex
from exclusion_map.editions.reader import SUPPORT, Edition, open_edition
from exclusion_map.errors import NotFoundError
from exclusion_map.index import Definition
from exclusion_map.support.nearest import SupportTable
from exclusion_map.terms import AreaKind, SupportKind

Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Service:
    """An open edition with its search index and the maker of profiles. Nothing in it changes."""

    edition: Edition
    search_index: SearchIndex
    profilers: Mapping[str, Profiler]
    """One for each index of the edition."""
    values: Mapping[tuple[str, AreaKind, Measure], Packed]
    support_counts: Counts
    """Places of each kind in each small area, shape (small areas, kinds)."""

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
        level, row = self.edition.atlas.find(code)
        profiler = self.profilers[self.index(index).id]
        if level.kind is AreaKind.SMALL_AREA:
            latitude, longitude = float(level.latitude[row]), float(level.longitude[row])
            near = nearest_of_each_kind(self.edition.support, latitude, longitude)
            return profiler.profile(code, nearest=near)
        members = self.edition.atlas.members(level, row)
        counts = self.support_counts[members].sum(axis=0)
        inside = [
            SupportCount(kind=kind, kind_label=kind.label, inside=int(count))
            for kind, count in zip(SupportKind, counts, strict=True)
        ]
        return profiler.profile(code, inside=inside)


def open_service(folder: Path) -> Service:
    """Open an edition and make everything that is derived from it.

    Raises:
        EditionError: the edition is damaged.
        DefinitionError: an index of the edition cannot be run by this version.
    """
    edition = open_edition(folder)
    manifest = edition.manifest
    return Service(
        edition=edition,
        search_index=SearchIndex(edition.atlas, edition.postcodes, manifest.default_index),
        profilers={index.id: _profiler(edition, index) for index in manifest.indices},
        values=pack(edition.atlas),
        support_counts=count_support(edition),
    )


def _profiler(edition: Edition, index: EditionIndex) -> Profiler:
    manifest = edition.manifest
    definition = Definition.parse(index.definition, index.id)
    indicators = {str(indicator.id): indicator for indicator in manifest.indicators}
    directions = {identity: indicator.direction for identity, indicator in indicators.items()}
    points = contributions(edition.atlas, definition, directions)
    return Profiler(
        atlas=edition.atlas,
        indicators=indicators,
        index=index.id,
        index_title=index.title,
        place=manifest.title,
        edition=manifest.edition,
        synthetic=manifest.synthetic,
        facts=FactMaker(
            atlas=edition.atlas,
            indicators=indicators,
            sources={
                source.id: SourceNote(source.title, source.vintage) for source in manifest.sources
            },
            used=frozenset(points.indicators),
            place=manifest.title,
        ),
        contributions=points,
        cautions=definition.cautions,
    )


def nearest_of_each_kind(
    support: SupportTable, latitude: float, longitude: float
) -> tuple[NearestSupport, ...]:
    """Return the nearest place of each kind, the nearest first."""
    found = [
        NearestSupport(
            id=near.place.id,
            kind=kind,
            kind_label=kind.label,
            name=near.place.name,
            address=near.place.address or "",
            postcode=near.place.postcode or "",
            distance_m=round(near.metres),
            url=f"/support/{near.place.id}",
        )
        for kind in SupportKind
        for near in support.nearest(longitude, latitude, kind)
    ]
    return tuple(sorted(found, key=lambda near: near.distance_m))


def count_support(edition: Edition) -> Counts:
    """Return how many places of each kind lie in each small area, shape (small areas, kinds)."""
    table = read_columns(edition.folder / SUPPORT, ("kind", "area_code"))
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    counts = np.zeros((len(small), len(SupportKind)), dtype=np.int32)
    columns = {kind.value: column for column, kind in enumerate(SupportKind)}
    for code, kind in zip(texts(table, "area_code"), texts(table, "kind"), strict=True):
        if code in small.position:
            counts[small.position[code], columns[kind]] += 1
    return counts
