"""An edition for notebooks and scripts: open the current one, and its areas as a GeoDataFrame."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from exclusion_map.areas.scoring import Answer, at_level
from exclusion_map.editions.downloads import outlines_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.store import current_path
from exclusion_map.settings import DataSettings, read
from exclusion_map.terms import AreaKind

if TYPE_CHECKING:
    import geopandas as gpd


def open_current(processed_dir: Path | None = None) -> Edition:
    """Return the current edition, open.

    Args:
        processed_dir: the folder of editions; that of the settings (EXCLUSION_MAP_PROCESSED_DIR)
            if left out. A relative one is looked for here and in the folders above, so that a
            notebook in a folder of its own finds ``data/processed`` of the checkout.

    Raises:
        EditionError: there is no current edition, or it is damaged.
    """
    folder = processed_dir or read(DataSettings).processed_dir
    above = [here / folder for here in (Path.cwd(), *Path.cwd().parents)]
    found = next((one for one in above if one.is_dir()), folder)
    return open_edition(current_path(found))


def area_frame(
    edition: Edition,
    kind: AreaKind = AreaKind.SMALL_AREA,
    *,
    within: str = "",
    answer: Answer | None = None,
) -> "gpd.GeoDataFrame":
    """Return areas with their outlines, in the order of the edition.

    Args:
        edition: open.
        kind: of the areas.
        within: code of a larger area; all of them if empty.
        answer: an index, for its scores.

    Returns:
        row (in the arrays of the edition), code, name, population, households, longitude, latitude,
        geometry (degrees, EPSG:4326); with an answer also score, rank and decile, NaN or 0 where
        there is no score.

    Raises:
        NotFoundError: the edition has no such kind or area.
    """
    import geopandas as gpd
    import shapely

    level = edition.atlas.level(kind)
    rows = np.arange(len(level), dtype=np.int32)
    if within:
        rows = np.asarray(edition.atlas.within(kind, *edition.atlas.find(within)), dtype=np.int32)
    wkb = np.concatenate(list(outlines_of(edition, kind, rows).batches()))
    columns = {
        "row": rows,
        "code": [level.codes[row] for row in rows.tolist()],
        "name": [level.labels[row] for row in rows.tolist()],
        "population": level.population[rows],
        "households": level.households[rows],
        "longitude": level.longitude[rows],
        "latitude": level.latitude[rows],
    }
    if answer is not None:
        scores = at_level(edition.atlas, answer, kind).scores
        columns |= {
            "score": scores.score[rows],
            "rank": scores.rank[rows],
            "decile": scores.decile[rows],
        }
    return gpd.GeoDataFrame(columns, geometry=shapely.from_wkb(wkb), crs="EPSG:4326")
