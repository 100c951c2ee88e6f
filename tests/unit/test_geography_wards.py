import geopandas as gpd
import pandas as pd
import shapely

from exclusion_map.geography.wards import settle_wards


def areas() -> gpd.GeoDataFrame:
    """Three areas in a row: the middle one is in council B by the ward lookup."""
    return gpd.GeoDataFrame(
        {
            "code": ["E01", "E02", "E03", "E04"],
            "name": ["A 1", "A 2", "A 3", "B 1"],
            "ward_code": ["WA1", "WB1", "WA2", "WB1"],
            "ward": ["North", "Elsewhere", "South", "Elsewhere"],
            "local_authority_code": ["A", "B", "A", "B"],
            "local_authority": ["Ayton", "Beeton", "Ayton", "Beeton"],
        },
        geometry=[
            shapely.box(0, 0, 1, 1),
            shapely.box(1, 0, 2, 2),
            shapely.box(2, 0, 3, 2),
            shapely.box(9, 9, 10, 10),
        ],
        crs=4326,
    )


def councils(code: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"code": ["E02"], "local_authority_code": [code], "local_authority": ["Ayton"]}
    )


def test_the_area_moves_to_the_council_and_the_ward_with_the_longest_border() -> None:
    settled, notes = settle_wards(areas(), councils("A"))
    moved = settled.loc[1]
    assert (moved["local_authority"], moved["ward"], moved["ward_code"]) == (
        "Ayton",
        "South",
        "WA2",
    )
    assert len(notes) == 1
    assert "E02 (A 2) is in Beeton by the ward lookup" in notes[0]


def test_areas_that_agree_or_are_unknown_stay() -> None:
    before = areas()
    settled, notes = settle_wards(before, councils("B"))
    assert notes == ()
    pd.testing.assert_frame_equal(pd.DataFrame(settled), pd.DataFrame(before))
