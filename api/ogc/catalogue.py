"""The collections of an edition: one a kind of area, and support locations."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from starlette.datastructures import State

from api.engine import Engine, engines_of
from api.remember import Memory
from api.service import Service
from exclusion_map.areas.scoring import Answer
from exclusion_map.directory.place_columns import place_columns
from exclusion_map.directory.places import Places
from exclusion_map.editions.downloads import is_published, scores_at
from exclusion_map.editions.extras import SURE_CLASSES, extras_of
from exclusion_map.editions.tables import AREAS, LARGER_AREAS
from exclusion_map.errors import NotFoundError
from exclusion_map.exports.dataset import Field
from exclusion_map.features.areas import area_fields, area_table
from exclusion_map.features.places import place_fields, place_table
from exclusion_map.features.shapes import ParquetShapes
from exclusion_map.features.table import Column, FeatureTable, Rows, Texts
from exclusion_map.terms import LARGER_KINDS, AreaKind

PLACES: Final = "support"
KEPT: Final = 2
_ANSWERS_KEPT: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection of features.

    Attributes:
        id: as it stands in addresses.
        title: for people.
        description: what its features are.
        kind: of area; None for support locations.
        count: how many features there are.
        extent: west, south, east, north in degrees.
        fields: properties by name.
    """

    id: str
    title: str
    description: str
    kind: AreaKind | None
    count: int
    extent: tuple[float, float, float, float]
    fields: Mapping[str, Field]


class Catalogue:
    """The collections of one edition, and what their features are made of."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.matched: Memory[Rows] = Memory(_ANSWERS_KEPT)
        """Rows that a filter found, by collection and question: pages ask for them one by one."""
        self._places: Memory[FeatureTable] = Memory(1, heavy=True)
        edition = service.edition
        self._shapes = {
            kind: ParquetShapes(
                edition.folder / (AREAS if kind is AreaKind.SMALL_AREA else LARGER_AREAS),
                _first_row(service, kind),
                level.bbox,
                np.column_stack([level.longitude, level.latitude]),
            )
            for kind, level in edition.atlas.levels.items()
        }

    @property
    def collections(self) -> Mapping[str, Collection]:
        """Every collection by id, small areas first."""
        return {one.id: one for one in (*self._areas, self._of_places())}

    @cached_property
    def _areas(self) -> Sequence[Collection]:
        levels = self.service.edition.atlas.levels
        return [self._of_areas(kind) for kind in AreaKind if kind in levels]

    def _of_places(self) -> Collection:
        snapshot = self.service.places.snapshot
        rows = snapshot.placed
        points = np.column_stack([snapshot.longitude[rows], snapshot.latitude[rows]])
        place = self.service.edition.manifest.title
        return Collection(
            id=PLACES,
            title="Support locations",
            description=f"Places in {place} that can help people get online or use services "
            "without it: libraries, GP practices, pharmacies, jobcentres, and places that people "
            "added.",
            kind=None,
            count=len(rows),
            extent=_extent(np.column_stack([points, points])),
            fields=place_fields(self.service.edition.atlas),
        )

    def collection(self, identity: str) -> Collection:
        """Return a collection.

        Raises:
            NotFoundError: there is none of that id.
        """
        if identity not in self.collections:
            raise NotFoundError(
                f"collection {identity!r}",
                found="no such collection",
                expected=f"one of: {', '.join(self.collections)}",
            )
        return self.collections[identity]

    def _of_areas(self, kind: AreaKind) -> Collection:
        edition = self.service.edition
        level = edition.atlas.levels[kind]
        title = kind.label_plural[0].upper() + kind.label_plural[1:]
        uncertain = kind is AreaKind.SMALL_AREA and bool(extras_of(edition).uncertainty)
        return Collection(
            id=kind.value,
            title=title,
            description=f"{title} of {edition.manifest.title} with their risk of digital "
            "exclusion: score, rank and decile (1 is the highest risk), and each indicator. "
            "Risk, not reality.",
            kind=kind,
            count=len(level),
            extent=_extent(level.bbox),
            fields=area_fields(level, edition.manifest.indicators, intervals=uncertain),
        )

    def area_table(self, collection: Collection, kind: AreaKind, answer: Answer) -> FeatureTable:
        """Return areas of a kind as features, scored by an answer."""
        edition = self.service.edition
        intervals = self._intervals(answer) if kind is AreaKind.SMALL_AREA else {}
        return area_table(
            scores_at(edition, answer, kind),
            edition.atlas.indicators[kind],
            collection.fields,
            self._shapes[kind],
            intervals,
        )

    def _intervals(self, answer: Answer) -> dict[str, Column]:
        """Return the published intervals, where the answer is a published index."""
        edition = self.service.edition
        table = extras_of(edition).uncertainty.get(str(answer.question.definition.id))
        if table is None or not is_published(edition, answer):
            return {}
        names = ("rank_low", "rank_high", "decile_low", "decile_high")
        numbers = {name: getattr(table, name) for name in names}
        return {
            **{name: np.where(column > 0, column, np.nan) for name, column in numbers.items()},
            # Shares of a thousand draws, held as single precision.
            "worst_tenth_probability": np.round(table.worst_tenth, 4),
            "robustness": Texts(
                tuple(one.value for one in SURE_CLASSES), table.sure.astype(np.int32) - 1
            ),
        }

    @property
    def places(self) -> FeatureTable:
        """Support locations as features, as the directory has them now."""
        places = self.service.places
        return self._places.get(places.tag, lambda: self._place_table(places))

    def _place_table(self, places: Places) -> FeatureTable:
        columns = {name: _texts(column) for name, column in place_columns(places).items()}
        snapshot = places.snapshot
        points = np.column_stack([snapshot.longitude, snapshot.latitude])
        return place_table(columns, points, self.service.edition.atlas)


def _texts(column: Sequence[str]) -> Texts:
    """Return a column of text with each distinct text once."""
    number: dict[str, int] = {}
    at = np.array([number.setdefault(text, len(number)) if text else -1 for text in column])
    return Texts(tuple(number), at.astype(np.int32))


def _extent(boxes: np.ndarray[Any, Any]) -> tuple[float, float, float, float]:
    west, south = (float(edge) for edge in boxes[:, :2].min(axis=0, initial=180.0))
    east, north = (float(edge) for edge in boxes[:, 2:].max(axis=0, initial=-180.0))
    return west, south, east, north


def _first_row(service: Service, kind: AreaKind) -> int:
    """Return where the areas of a kind begin in the table of their file: kinds lie in order."""
    if kind is AreaKind.SMALL_AREA:
        return 0
    levels = service.edition.atlas.levels
    before = LARGER_KINDS[: LARGER_KINDS.index(kind)]
    return sum(len(levels[one]) for one in before if one in levels)


class Catalogues:
    """The catalogues of the open editions of an app: the current one, and the one before it."""

    def __init__(self) -> None:
        self._held: OrderedDict[Path, Catalogue] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, service: Service) -> Catalogue:
        """Return the catalogue of a service, made when it is first asked for."""
        folder = service.edition.folder
        with self._lock:
            held = self._held.get(folder)
            if held is None or held.service is not service:
                held = self._held[folder] = Catalogue(service)
                while len(self._held) > KEPT:
                    self._held.popitem(last=False)
            self._held.move_to_end(folder)
            return held


_making = threading.Lock()


def catalogue_of(state: State, service: Service) -> Catalogue:
    """Return the catalogue of a service of an app."""
    with _making:
        if not hasattr(state, "ogc_catalogues"):
            state.ogc_catalogues = Catalogues()
        catalogues: Catalogues = state.ogc_catalogues
    return catalogues.of(service)


def engine_of(state: State, service: Service) -> Engine:
    """Return the engine that scores areas for a service of an app."""
    return engines_of(state).of(service)
