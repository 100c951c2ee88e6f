"""What an edition holds for questions of access: homes, places of support, risk and how sure."""

from collections.abc import Mapping

from exclusion_map.areas.atlas import Atlas, Floats, Level
from exclusion_map.directory.loading import support_rows
from exclusion_map.directory.places import DirectoryPlaces, ListedPlaces, Places
from exclusion_map.directory.places_away import RememberedPlaces
from exclusion_map.editions.extras import SURE_CLASSES, extras_of
from exclusion_map.editions.gazetteer import estimates_of
from exclusion_map.editions.reader import SUPPORT, Edition
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.targeting.gaps import Risk
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.sites import Sites, make_sites
from exclusion_map.terms import AreaKind


def homes_of(edition: Edition) -> Homes:
    """Return where the people of an edition's small areas live."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    return Homes(
        addresses=None if edition.postcodes is None else edition.postcodes.in_use,
        population=small.population,
        longitude=small.longitude,
        latitude=small.latitude,
        breadth=_breadth(small),
    )


def _breadth(small: Level) -> Floats:
    """Return (n,) metres from corner to corner of each area's box, and a tenth for its edges."""
    west, south, east, north = small.bbox.T
    return 1.1 * metres(unit_vectors(west, south), unit_vectors(east, north))


def listed_places(edition: Edition) -> ListedPlaces:
    """Return the places of an edition's own lists, for where there is no directory."""
    rows = support_rows(edition.folder / SUPPORT, synthetic=edition.manifest.synthetic)
    return ListedPlaces(edition.id, rows)


def sites_of(edition: Edition) -> Sites:
    """Return the places of an edition's own lists as arrays."""
    return sites_of_places(edition, listed_places(edition))


def sites_of_places(edition: Edition, places: Places) -> Sites:
    """Return the places of the directory, or of the lists of an edition, as arrays."""
    stated: Mapping[str, tuple[float, float]] = {}
    if isinstance(places, DirectoryPlaces):
        stated = places.capacities()
    elif isinstance(places, RememberedPlaces):
        stated = places.stated
    position = edition.atlas.level(AreaKind.SMALL_AREA).position
    return make_sites(places.snapshot, position, stated)


def risk_of(edition: Edition, index: str) -> Risk:
    """Return the risk of the small areas by an index, how sure it is, and who is concerned.

    Raises:
        NotFoundError: the edition has no such index.
    """
    atlas: Atlas = edition.atlas
    scores = atlas.score_set(index, AreaKind.SMALL_AREA)
    extras = extras_of(edition)
    sure = extras.uncertainty.get(index)
    held = extras.estimate.get(AreaKind.SMALL_AREA)
    return Risk(
        decile=scores.decile,
        score=scores.score,
        probability=None if sure is None else sure.worst_tenth,
        sure=None if sure is None else sure.sure,
        sure_words=tuple(one.value for one in SURE_CLASSES),
        estimates=None if held is None else estimates_of(edition),
    )
