"""A boundary that somebody brings, whatever form it has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.archives import names_in
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused, shown
from exclusion_map.uploads.sandbox import Source, always, content_of, run
from exclusion_map.uploads.sniffing import Form, form_of

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

    from exclusion_map.settings import UploadSettings


@dataclass(frozen=True, eq=False, slots=True)
class Boundary:
    """An outline of places in the UK.

    Attributes:
        geometry: valid, not empty, longitude and latitude (EPSG:4326), at most 50,000 corners.
        crs_said: the system its coordinates were in, such as EPSG:27700, as the file says or, where
            the notes say so, by their size.
        notes: what was assumed, mended and left out, as sentences; to be shown with any answer.
    """

    geometry: "Polygon | MultiPolygon"
    crs_said: str
    notes: tuple[str, ...] = ()

    @property
    def geojson(self) -> dict[str, Any]:
        """The geometry as GeoJSON."""
        import json

        import shapely

        found: dict[str, Any] = json.loads(shapely.to_geojson(self.geometry))
        return found


def is_boundary(data: bytes) -> bool:
    """Whether content looks like a boundary that is read; lists and workbooks do not."""
    try:
        form = form_of(data, "")
    except InvalidRequestError:
        return False
    return form is not Form.PACKED or "xl/workbook.xml" not in names_in(data)


def read_boundary(
    source: Source,
    name: str,
    limits: "UploadSettings | None" = None,
    *,
    crs: str = "",
    layer: str = "",
    wanted: Callable[[], bool] = always,
) -> Boundary:
    """Return the boundary in a GeoJSON, GeoPackage, Shapefile (zipped), KML, KMZ or WKT file.

    Its form is told by its content. A process of its own reads it; several shapes become one, what
    crosses itself is mended, and coordinates that cannot be what the file says are read as what
    they must be: ``notes`` say so.

    Args:
        source: bytes, a path, or an open file, which is read from its beginning.
        name: of the file, for messages.
        limits: how large and laborious it may be; the settings' if left out.
        crs: the system of its coordinates, such as EPSG:29902, where the file says it wrongly.
        layer: of a file with several; the first that has polygons if left out.
        wanted: asked now and then; the work ends when it says no.

    Raises:
        InvalidRequestError: it is nothing of that, or encloses no place in the UK.
        TooLargeError: it is larger, or takes more time or memory, than the limits allow.
    """
    import shapely  # Not needed to start.

    name, most = shown(name), Limits.of(limits)
    data = content_of(source, name, most)
    form_of(data, name)  # Refused here, what is not what it should be starts no process.
    task = {"what": "boundary", "crs": crs[:200], "layer": layer[:200]}
    head, body = run(task, data, name, most, wanted)
    geometry: Any = shapely.from_wkb(body)
    if geometry.is_empty or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise refused(name, "an outline that encloses nothing")
    return Boundary(geometry, str(head["crs"]), tuple(str(one) for one in head["notes"]))
