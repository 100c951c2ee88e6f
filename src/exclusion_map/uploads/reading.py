"""From the bytes of a boundary to its outline; runs in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.uploads.archives import names_in, unpack
from exclusion_map.uploads.geojson import read_geojson
from exclusion_map.uploads.geopackage import read_geopackage
from exclusion_map.uploads.kml import read_kml
from exclusion_map.uploads.layers import Layer
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.outlines import Sorted, outline_of, sort_shapes
from exclusion_map.uploads.refusals import refused
from exclusion_map.uploads.shapefile import read_shapefile
from exclusion_map.uploads.sniffing import Form, form_of, named_otherwise
from exclusion_map.uploads.systems import settle
from exclusion_map.uploads.wkt import read_wkt

_PARTS: Final = (".shp", ".shx", ".prj")
_WHOLE: Final = (".kml", ".geojson", ".json", ".gpkg", ".wkt")
_READERS: Final = {
    Form.GEOJSON: read_geojson,
    Form.GEOPACKAGE: read_geopackage,
    Form.KML: read_kml,
    Form.WKT: read_wkt,
}


@dataclass(frozen=True, slots=True)
class Found:
    """The outline of a file, the system it was in, and what must be said of it."""

    outline: Any
    crs: str
    notes: list[str]


def read_layers(data: bytes, name: str, limits: Limits, *, crs: str, layer: str) -> Found:
    """Return the outline of a layer of a file.

    Raises:
        InvalidRequestError: it cannot be read or holds no outline of places in the UK.
        TooLargeError: it is beyond a limit.
    """
    form = form_of(data, name)
    layers = _layers(data, form, name, limits)
    chosen, shapes, notes = _chosen(layers, name, layer)
    odd = named_otherwise(name, form)
    placed = settle(shapes.polygons, chosen.crs, name, crs)
    outline, mended = outline_of(placed.shapes, name)
    told = [odd] if odd else []
    return Found(outline, placed.crs, [*told, *chosen.notes, *notes, *placed.notes, *mended])


def _layers(data: bytes, form: Form, name: str, limits: Limits) -> list[Layer]:
    if form is Form.PACKED:
        return _unpacked(data, name, limits)
    if form is Form.SHAPEFILE:
        return [read_shapefile(name, limits, shp=data)]
    return _READERS[form](data, name, limits)


def _unpacked(data: bytes, name: str, limits: Limits) -> list[Layer]:
    files = unpack(data, name, (*_PARTS, *_WHOLE), limits)
    layers = []
    for path, content in sorted(files.items()):
        stem, _, ending = path.rpartition(".")
        if ending.lower() == "shp":
            beside = {one.lower(): held for one, held in files.items()}
            shx, prj = (beside.get(f"{stem}.{part}".lower(), b"") for part in ("shx", "prj"))
            title = stem.rpartition("/")[2]
            layers.append(read_shapefile(name, limits, shp=content, shx=shx, prj=prj, layer=title))
        elif f".{ending.lower()}" in _WHOLE:
            held = form_of(content, name)
            if held is Form.PACKED:
                raise refused(name, "an archive in an archive", mend="Unpack it first.")
            for one in _layers(content, held, name, limits):
                one.name = one.name or path
                layers.append(one)
    if not layers:
        raise refused(name, _instead(data))
    return layers


def _instead(data: bytes) -> str:
    names = names_in(data)
    if "[Content_Types].xml" in names:
        return "a workbook or a document"
    if any(one.lower().endswith((".zip", ".kmz", ".7z", ".rar", ".gz")) for one in names):
        return "an archive in an archive"
    if any(one.lower().endswith((".shx", ".dbf", ".prj")) for one in names):
        return "parts of a Shapefile without the .shp file"
    return "an archive without a boundary" if names else "an empty archive"


def _chosen(layers: Sequence[Layer], name: str, wanted: str) -> tuple[Layer, Sorted, list[str]]:
    """Return the layer to read, its shapes, and what is said of the choice."""
    sorted_shapes = [sort_shapes(one.shapes) for one in layers]
    usable = [at for at, one in enumerate(sorted_shapes) if len(one.polygons)]
    names = [one.name for one in layers]
    if wanted:
        usable = [at for at in usable if names[at].casefold() == wanted.casefold()]
        if not usable:
            shown = ", ".join(names)[:200]
            raise refused(name, f"no layer {wanted[:60]!r} with polygons", f"one of: {shown}")
    if not usable:
        raise refused(name, _without(sorted_shapes), "polygons", mend=_MEND)
    at = usable[0]
    notes = []
    others = ", ".join(names[one] for one in range(len(layers)) if one != at)
    if others and not wanted:
        notes.append(f"Layer {names[at]} was read; there are also {others[:200]}.")
    found = sorted_shapes[at]
    if found.points or found.lines:
        notes.append(f"{_count(found)} in it were left out: only polygons enclose places.")
    return layers[at], found, notes


_MEND: Final = "Send a layer of areas. Points and lines can be made areas with Buffer in QGIS."


def _without(layers: Sequence[Sorted]) -> str:
    points, lines = (sum(getattr(one, kind) for one in layers) for kind in ("points", "lines"))
    if points and lines:
        return "only points and lines"
    if points or lines:
        return f"only {'points' if points else 'lines'}"
    return "a layer without any shape"


def _count(found: Sorted) -> str:
    told = [
        f"{number:,} {word if number == 1 else word + 's'}"
        for number, word in ((found.points, "point"), (found.lines, "line"))
        if number
    ]
    return " and ".join(told)
