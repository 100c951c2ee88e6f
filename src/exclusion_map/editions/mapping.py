"""Folium maps of an edition, for notebooks and as one file that opens without a network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folium
import numpy as np
import numpy.typing as npt
import shapely

from exclusion_map.areas.bases import BaseName, parse_base
from exclusion_map.areas.scoring import Answer, LevelScores, Question
from exclusion_map.areas.selection import choose
from exclusion_map.editions.credits import about_of
from exclusion_map.editions.downloads import AreaOrder, outlines_of, rows_of, scores_at
from exclusion_map.editions.jobs import answer_of, check_count
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import NotFoundError
from exclusion_map.index import Definition, library
from exclusion_map.maps.choropleth import MapAreas, MapWords, draw
from exclusion_map.support.nearest import SupportPlace
from exclusion_map.terms import AreaKind, SupportKind


def risk_map(
    edition: Edition | Path,
    within: str,
    *,
    index: str | None = None,
    kind: AreaKind = AreaKind.SMALL_AREA,
    weights: Mapping[str, float] | None = None,
    base: str = "all",
) -> folium.Map:
    """Return a map of the areas of a place, by tenth of risk, with support and people at risk.

    Args:
        edition: an open edition, or the folder of one.
        within: codes of areas of any kind, with commas between them.
        index: id of an index; the default one for None.
        kind: of the areas drawn.
        weights: that replace the index's, by id.
        base: among whom areas are compared: all, nation, region, icb, local_authority and so on.

    Raises:
        NotFoundError: the edition has no such area or index.
        InvalidRequestError: too many areas to draw, or the assets of maps are not built.
    """
    held = open_edition(edition) if isinstance(edition, Path) else edition
    asked = Question(
        definition=_definition(held, index or held.manifest.default_index),
        weights=dict(weights or {}),
        base=parse_base(base),
        selection=choose(held.atlas, within.split(",")),
    )
    return map_of(held, answer_of(held, asked), AreaOrder(kind=AreaKind(kind)))


def map_of(edition: Edition, answer: Answer, order: AreaOrder) -> folium.Map:
    """Return the map of an answer.

    Raises:
        InvalidRequestError: no area is left, or too many.
    """
    scored = scores_at(edition, answer, order.kind)
    rows = rows_of(scored, order.decile)
    check_count(len(rows))
    level = scored.level
    areas = MapAreas(
        names=[level.labels[row] for row in rows.tolist()],
        codes=[level.codes[row] for row in rows.tolist()],
        decile=scored.scores.decile[rows],
        people=level.population[rows],
        longitude=level.longitude[rows],
        latitude=level.latitude[rows],
        shapes=_shapes(edition, order.kind, rows),
    )
    words = _words(edition, answer, order, len(rows))
    return draw(areas, words, _support(edition, scored, rows))


def _definition(edition: Edition, identity: str) -> Definition:
    for index in edition.manifest.indices:
        if index.id == identity:
            return Definition.parse(index.definition, index.id)
    if identity in library():
        return library()[identity]
    raise NotFoundError(
        f"index {identity!r}",
        found="no such index",
        expected=f"one of: {', '.join(index.id for index in edition.manifest.indices)}",
    )


def _shapes(edition: Edition, kind: AreaKind, rows: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    parts = list(outlines_of(edition, kind, rows).batches())
    shapes: npt.NDArray[np.object_] = shapely.from_wkb(np.concatenate(parts))
    return shapes


def _support(
    edition: Edition, scored: LevelScores, rows: npt.NDArray[Any]
) -> dict[SupportKind, list[SupportPlace]]:
    """Return the places in the areas drawn, by kind."""
    atlas = edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    members = np.concatenate([atlas.members(scored.level, int(row)) for row in rows])
    places = edition.support.in_areas([small.codes[row] for row in members.tolist()])
    return {kind: [one for one in places if one.kind is kind] for kind in SupportKind}


def _words(edition: Edition, answer: Answer, order: AreaOrder, count: int) -> MapWords:
    about = about_of(edition, answer, order.kind, count, order.decile)
    asked, plural = answer.question, order.kind.label_plural
    place = asked.selection.described if asked.selection else edition.manifest.title
    base = f"{plural} in {edition.manifest.title}"
    if asked.base is not BaseName.ALL:
        base = f"{plural}, comparing within {asked.base.described}"
    title = answer.composite.definition.title
    return MapWords(
        title=f"{title}: {place}",
        sentence=f"Darker {plural} are more likely to have residents who struggle with services "
        f"that are only online. Compared with other {base}. It shows risk, not reality."
        + (f" {edition.manifest.title} is invented." if edition.manifest.synthetic else ""),
        kind=plural,
        base=base,
        notes=[line for line in about.lines() if line[0] not in ("Title", "Definition")],
        attribution=list(dict.fromkeys(credit.attribution for credit in about.credits)),
    )
