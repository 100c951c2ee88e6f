"""Shapefiles: outlines alone, read by GDAL from memory.

GDAL sees an archive that is made here, of at most three files under names of ours: nothing else of
what was sent, and no name that was sent, gets to it.
"""

import io
import struct
import warnings
import zipfile
from typing import Any, Final

from exclusion_map.uploads.layers import Layer, stand_in, too_many_corners, too_many_shapes
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.polygons import check_size
from exclusion_map.uploads.refusals import refused

_HEAD: Final = 100
_KINDS: Final = {
    **dict.fromkeys((1, 8, 11, 18, 21, 28), "points"),
    **dict.fromkeys((3, 13, 23), "lines"),
}


def read_shapefile(
    name: str,
    limits: Limits,
    *,
    shp: bytes,
    shx: bytes = b"",
    prj: bytes = b"",
    layer: str = "",
) -> Layer:
    """Return a layer.

    Args:
        name: of the upload, for messages.
        limits: what is taken.
        shp: the outlines.
        shx: where each begins; found again if left out.
        prj: the reference system.
        layer: its name.

    Raises:
        InvalidRequestError: it is damaged.
        TooLargeError: it has too many shapes or corners.
    """
    import shapely  # Not needed to start.

    if len(shp) < _HEAD:
        raise refused(name, "a Shapefile that ends in its head", "a whole one")
    kind = _KINDS.get(struct.unpack_from("<i", shp, 32)[0])
    if kind is not None:
        # Told by the head, so there is no need to read them.
        return Layer(layer, [stand_in(kind)])
    crs, shapes = _read(name, _packed(shp, shx, prj), limits)
    if len(shapes) > limits.max_features:
        raise too_many_shapes(name, limits)
    if int(shapely.get_num_coordinates(shapes).sum()) > limits.max_corners:
        raise too_many_corners(name, limits)
    check_size(shapely.get_coordinates(shapes), name)
    notes = [] if prj else ["The Shapefile came without a .prj file, which says its coordinates."]
    return Layer(layer, list(shapes), crs, notes)


def _packed(shp: bytes, shx: bytes, prj: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        files = (("shp", shp), ("shx", shx or _index_of(shp)), ("prj", prj[:10_000]))
        for ending, content in files:
            if content:
                archive.writestr(f"layer.{ending}", content)
    return made.getvalue()


def _index_of(shp: bytes) -> bytes:
    """Return the index of a Shapefile that came without: where each record begins (in words)."""
    entries, at = [], _HEAD
    while at + 8 <= len(shp):
        words = struct.unpack_from(">i", shp, at + 4)[0]
        if words < 2 or at + 8 + 2 * words > len(shp):
            break
        entries.append(struct.pack(">ii", at // 2, words))
        at += 8 + 2 * words
    length = struct.pack(">i", (_HEAD + 8 * len(entries)) // 2)
    return shp[:24] + length + shp[28:_HEAD] + b"".join(entries)


def _read(name: str, packed: bytes, limits: Limits) -> tuple[str, Any]:
    import pyogrio  # Not needed to start.
    import shapely

    try:
        with warnings.catch_warnings():
            # What GDAL warns of, such as rings that are not closed, is looked at and mended later.
            warnings.simplefilter("ignore")
            meta, _, wkb, _ = pyogrio.raw.read(
                packed, columns=[], force_2d=True, max_features=limits.max_features + 1
            )
        shapes = shapely.from_wkb(wkb)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise refused(name, f"a damaged Shapefile ({str(error)[:100]})") from None
    except (pyogrio.errors.GeometryError, pyogrio.errors.FeatureError) as error:
        raise refused(name, f"a damaged Shapefile ({str(error)[:100]})") from None
    except shapely.errors.GEOSException as error:
        raise refused(name, f"a shape that cannot be read ({str(error)[:100]})") from None
    return str(meta["crs"] or ""), shapes[~shapely.is_missing(shapes)]
