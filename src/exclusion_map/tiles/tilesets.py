"""The tilesets of an edition: the layers of each and their zoom ranges.

Declared once, for the build that cuts them and the service that opens and describes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exclusion_map.terms import AreaKind

MAX_ZOOM = 12
"""Highest zoom of the map's layers; clients draw closer views from these tiles."""
WIDE_MAX_ZOOM = 10
"""Highest zoom of wards and larger areas in other tilesets. A tile unit is 10 metres there, finer
than the boundaries, which are generalised to 20; each further zoom takes four times as long."""
POINT_LAYER = "support"
"""Layer of single support locations."""
CLUSTER_LAYER = "support_clusters"
"""Layer of clusters of support locations, at lower zooms than single ones."""
CLUSTER_MIN_ZOOM, POINT_MIN_ZOOM = 4, 8

_BOUNDARIES = "ons-lsoa21-boundaries"


@dataclass(frozen=True)
class Tileset:
    """One archive of tiles.

    Attributes:
        name: name in addresses.
        about: one sentence of description.
        layers: kinds of area with the lowest zoom at which they are drawn; the layer's name is the
            kind's. Empty for a tileset of points.
        sources: ids of the sources of the data in the tiles, if an edition has them.
        max_zoom: the highest zoom of its tiles.
    """

    name: str
    about: str
    layers: tuple[tuple[AreaKind, int], ...] = ()
    sources: tuple[str, ...] = (_BOUNDARIES, "ons-oa21-lsoa21-msoa21-lookup")
    max_zoom: int = MAX_ZOOM

    @property
    def file(self) -> str:
        """Name of the archive in an edition's folder."""
        return f"{self.name}.pmtiles"


_IDS = "A feature's id is its row among the areas of its kind."
TILESETS: Mapping[str, Tileset] = MappingProxyType(
    {
        one.name: one
        for one in (
            Tileset(
                "areas",
                f"Outlines of local authorities, neighbourhoods and small areas. {_IDS}",
                # Councils are legible at low zooms, neighbourhoods at middle ones, others close up.
                (
                    (AreaKind.LOCAL_AUTHORITY, 4),
                    (AreaKind.NEIGHBOURHOOD, 7),
                    (AreaKind.SMALL_AREA, 9),
                ),
            ),
            Tileset(
                "wards",
                f"Outlines of wards. {_IDS}",
                ((AreaKind.WARD, 7),),
                (_BOUNDARIES, "ons-lsoa21-ward24-lookup"),
                WIDE_MAX_ZOOM,
            ),
            Tileset(
                "health",
                f"Outlines of integrated care boards and sub-ICB locations. {_IDS}",
                ((AreaKind.ICB, 4), (AreaKind.SUB_ICB, 4)),
                (_BOUNDARIES, "ons-lsoa21-icb24-lookup"),
                WIDE_MAX_ZOOM,
            ),
            Tileset(
                "regions",
                f"Outlines of nations and regions. {_IDS}",
                ((AreaKind.NATION, 4), (AreaKind.REGION, 4)),
                (_BOUNDARIES, "ons-lad24-region24-lookup"),
                WIDE_MAX_ZOOM,
            ),
            Tileset(
                "support",
                "Places that can help people get online or use services without it; "
                "grouped into clusters at low zooms.",
                sources=(
                    "ace-libraries",
                    "nhs-ods-gp-practices",
                    "nhs-ods-pharmacies",
                    "nhs-pharmacies",
                    "dwp-jobcentres",
                    "ons-nspl-postcodes",
                ),
            ),
        )
    }
)
AREA_TILESETS = tuple(one for one in TILESETS.values() if one.layers)


def tileset_of(kind: AreaKind) -> Tileset:
    """Return the tileset that holds the outlines of a kind of area."""
    return next(one for one in AREA_TILESETS if kind in dict(one.layers))
