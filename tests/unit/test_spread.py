"""Any list or drawn set of small areas summed up: worked by hand."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest
import shapely

from exclusion_map.areas.atlas import Atlas, Level, ScoreSet
from exclusion_map.areas.drawn import Addresses, drawn, inside
from exclusion_map.areas.rollup_answer import RolledUp, listed, roll_up_members
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.areas.spread import (
    extent_weights,
    level_spreads,
    local_concentration,
    spread_of,
)
from exclusion_map.areas.spread_table import spread_table
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.geography.postcodes import PostcodeIndex, index_table
from exclusion_map.index import Definition, ValueTable, compose, rank_and_decile
from exclusion_map.terms import AreaKind, Direction

N = 100
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [3.5, 0], [3.5, 1], [0, 1], [0, 0]]]}


def level(kind: AreaKind, codes: Iterable[str], **more: object) -> Level:
    listed = tuple(codes)
    n = len(listed)
    given: dict[str, object] = {
        "population": np.full(n, 10.0),
        "longitude": np.arange(n) + 0.5,
        "latitude": np.full(n, 0.5),
        "parents": {},
        "small_areas": np.ones(n, dtype=np.int32),
    }
    return Level(
        kind=kind,
        codes=listed,
        names=listed,
        labels=listed,
        nations=("England",) * n,
        households=np.full(n, 5.0),
        bbox=np.zeros((n, 4)),
        position={code: row for row, code in enumerate(listed)},
        **(given | more),  # type: ignore[arg-type]
    )


def roll_up(atlas: Atlas, index: str, codes: list[str]) -> RolledUp:
    members = listed(Gazetteer(atlas), codes)
    return roll_up_members(atlas, atlas.score_set(index, AreaKind.SMALL_AREA), members)


def scores(values: np.ndarray, population: np.ndarray) -> ScoreSet:
    rank, decile = rank_and_decile(values, population)
    return ScoreSet(
        score=values,
        rank=rank,
        decile=decile,
        ranked=int((rank > 0).sum()),
        data_share=np.ones(len(values)),
        worst_tenth_share=np.full(len(values), np.nan),
    )


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """A hundred areas of 10 people, area 0 with the highest score; councils of 50, wards of 10."""
    council = np.repeat([0, 1], 50).astype(np.int32)
    ward = np.repeat(np.arange(10), 10).astype(np.int32)
    small = level(
        AreaKind.SMALL_AREA,
        (f"S{row:02}" for row in range(N)),
        parents={AreaKind.WARD: ward, AreaKind.LOCAL_AUTHORITY: council},
    )
    return Atlas(
        levels={
            AreaKind.SMALL_AREA: small,
            AreaKind.WARD: level(AreaKind.WARD, (f"W{row}" for row in range(10))),
            AreaKind.LOCAL_AUTHORITY: level(AreaKind.LOCAL_AUTHORITY, ("C0", "C1")),
        },
        scores={
            ("risk", AreaKind.SMALL_AREA): scores(np.arange(100.0, 0, -1), small.population),
        },
        indicators={},
    )


def test_weights_of_the_extent_are_those_of_the_indices_of_deprivation() -> None:
    rank = np.array([0, 1, 10, 11, 12, 20, 30, 31, 100], dtype=np.int32)
    expected = [0, 1, 1, 0.95, 0.95 - 0.9 / 19, 0.95 - 9 * 0.9 / 19, 0.05, 0, 0]
    assert extent_weights(rank, 100) == pytest.approx(expected)


def test_percentiles_are_rounded_up_as_ranks_are_cut_into_hundredths() -> None:
    # of 1,000 areas the 100th is the last of the 10th percentile, the 101st the first of the 11th
    assert extent_weights(np.array([100, 101, 110, 111], dtype=np.int32), 1000) == pytest.approx(
        [1, 0.95, 0.95, 0.95 - 0.9 / 19]
    )


def test_local_concentration_takes_part_of_the_last_area() -> None:
    # a tenth of 100 people: all 6 of the first and 4 of the 14 of the second
    found = local_concentration(
        np.array([50, 5, 20], dtype=np.int32), 100, np.array([80.0, 6.0, 14.0])
    )
    assert found == pytest.approx((96 * 6 + 81 * 4) / 10)


def test_a_council_summed_up_by_hand(atlas: Atlas) -> None:
    found = roll_up(atlas, "risk", ["C0"]).spread
    assert (found.small_areas, found.scored) == (50, 50)
    assert (found.population, found.population_scored) == (500, 500)
    assert found.score == pytest.approx(75.5)  # 51 to 100
    assert (found.lowest, found.highest) == (51, 100)
    assert found.tenths == (100, 100, 100, 100, 100, 0, 0, 0, 0, 0)
    assert (found.worst_tenth, found.worst_fifth) == (0.2, 0.4)
    # 10 areas in full and 20 whose weights average 0.5, of 50
    assert found.extent == pytest.approx((10 + 20 * 0.5) / 50)
    # its worst 50 people live in areas of rank 1 to 5, turned 100 to 96
    assert found.local_concentration == pytest.approx(98)


def test_the_score_is_weighted_by_people() -> None:
    people = np.array([100.0, 300.0, 7.0])
    found = spread_of([0, 1], people, scores(np.array([10.0, 50.0, 20.0]), people))
    assert found.score == pytest.approx(40)
    assert found.population == 400


def test_areas_without_a_score_count_as_people_only() -> None:
    people = np.array([100.0, 300.0])
    found = spread_of([True, True], people, scores(np.array([10.0, np.nan]), people))
    assert (found.small_areas, found.scored) == (2, 1)
    assert (found.population, found.population_scored) == (400, 100)
    assert found.score == 10
    assert found.worst_tenth + found.worst_fifth >= 0


def test_nobody_with_a_score_gives_gaps_and_no_zeros() -> None:
    people = np.array([100.0, 300.0])
    found = spread_of([1], people, scores(np.array([10.0, np.nan]), people))
    gaps = (found.score, found.worst_tenth, found.extent, found.local_concentration, found.lowest)
    assert all(math.isnan(one) for one in gaps)


def test_lists_mix_kinds_and_count_each_area_once(atlas: Atlas) -> None:
    found = roll_up(atlas, "risk", ["W0", "s05", "S99", "NOWHERE"])
    assert found.members.rows.tolist() == [*range(10), 99]
    assert [one.text for one in found.members.unmatched] == ["NOWHERE"]
    assert found.members.repeated == 1
    assert found.spread.small_areas == 11


def test_a_list_of_strangers_is_refused(atlas: Atlas) -> None:
    with pytest.raises(NotFoundError, match="NOWHERE: no area code"):
        roll_up(atlas, "risk", ["NOWHERE"])


def test_every_ward_at_once_equals_each_by_itself(atlas: Atlas) -> None:
    spreads = level_spreads(atlas, "risk", AreaKind.WARD)
    assert spreads[3] == roll_up(atlas, "risk", ["W3"]).spread
    assert sum(one.population for one in spreads) == 1000


@pytest.mark.parametrize("members", [[0, 0], [-1], [100], [True]])
def test_rows_that_cannot_be_are_refused(atlas: Atlas, members: list[int]) -> None:
    small = atlas.level(AreaKind.SMALL_AREA)
    with pytest.raises(InvalidRequestError):
        spread_of(members, small.population, atlas.score_set("risk", AreaKind.SMALL_AREA))


def test_an_outline_takes_the_areas_whose_middle_is_inside(atlas: Atlas) -> None:
    found = drawn(SQUARE, atlas.level(AreaKind.SMALL_AREA))
    assert found.rows.tolist() == [0, 1, 2]  # the middle of area 3 lies on its eastern edge


def test_a_hole_is_left_out(atlas: Atlas) -> None:
    hole = [[1.2, 0.2], [1.8, 0.2], [1.8, 0.8], [1.2, 0.8], [1.2, 0.2]]
    ring = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], hole]}
    assert drawn(ring, atlas.level(AreaKind.SMALL_AREA)).rows.tolist() == [0, 2]


def test_several_polygons_are_one_outline(atlas: Atlas) -> None:
    far = [[[90, 0], [91, 0], [91, 1], [90, 1], [90, 0]]]
    both = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], far]}
    assert drawn(both, atlas.level(AreaKind.SMALL_AREA)).rows.tolist() == [0, 1, 2, 90]


def test_corners_of_many_kinds_against_shapely() -> None:
    random = np.random.default_rng(3)
    angle = np.sort(random.uniform(0, 2 * np.pi, 400))
    reach = random.uniform(0.2, 1, 400)
    ring = np.column_stack([reach * np.cos(angle), np.round(reach * np.sin(angle), 1)])
    ring = np.concatenate([ring, ring[:1]])  # rounded: level edges, and corners as high as points
    x, y = random.uniform(-1, 1, 4000), np.round(random.uniform(-1, 1, 4000), 2)
    found = inside([[ring]], x, y)
    expected = shapely.contains_xy(shapely.Polygon(ring), x, y)
    on_edge = shapely.distance(shapely.LineString(ring), shapely.points(x, y)) < 1e-9
    assert (found == expected)[~on_edge].all()


def test_most_addresses_decide_where_there_are_any(atlas: Atlas) -> None:
    addresses = Addresses(
        longitude=np.array([3.1, 3.2, 3.9, 0.5, 9.0, 9.1, 0.1], dtype=np.float32),
        latitude=np.full(7, 0.5, dtype=np.float32),
        area=np.array([3, 3, 3, 0, 0, 0, -1], dtype=np.int32),
    )
    found = drawn(SQUARE, atlas.level(AreaKind.SMALL_AREA), addresses)
    assert found.rows.tolist() == [1, 2, 3]
    assert found.share[[0, 1, 3]] == pytest.approx([1 / 3, 1, 2 / 3])


def test_postcodes_in_use_are_the_addresses() -> None:
    frame = pd.DataFrame(
        {
            "postcode": ["AA11AA", "AA11AB", "AA11AC"],
            "latitude": [50.0, 51, 52],
            "longitude": [0.0, 1, 2],
            "live": [True, False, True],
        }
    )
    index = PostcodeIndex(index_table(frame, np.array([4, 5, -1], dtype=np.int32)))
    longitude, latitude, area = index.in_use()
    assert (longitude.tolist(), latitude.tolist(), area.tolist()) == ([0, 2], [50, 52], [4, -1])


def test_the_table_of_an_edition_holds_every_larger_area(atlas: Atlas) -> None:
    small = atlas.level(AreaKind.SMALL_AREA)
    table = ValueTable(
        codes=np.array(small.codes),
        indicators=("x",),
        values=np.arange(100.0, 0, -1).reshape(-1, 1),
        population=small.population,
        directions=(Direction.HIGHER_IS_RISKIER,),
    )
    definition = Definition.parse({"id": "r", "title": "R", "children": [{"indicator": "x"}]})
    frame = pd.DataFrame(
        {"population": small.population}
        | {column: None for column, _ in PARENT_COLUMNS.values()}
        | {
            PARENT_COLUMNS[kind][0]: [
                atlas.level(kind).codes[row] for row in small.parents[kind].tolist()
            ]
            for kind in (AreaKind.WARD, AreaKind.LOCAL_AUTHORITY)
        }
    )
    found = spread_table("r", compose(definition, table), frame).set_index(["kind", "code"])
    assert len(found) == 12
    council = found.loc[("local_authority", "C0")]
    by_hand = roll_up(atlas, "risk", ["C0"]).spread
    assert council["extent"] == pytest.approx(by_hand.extent)
    assert council["worst_fifth"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, "x"], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [300000, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [math.nan, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1], [1, 1], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[0, 0], *([[1, 1]] * 50_000), [0, 0]]]},
    ],
)
def test_what_is_no_outline_is_refused(atlas: Atlas, geometry: dict[str, object]) -> None:
    with pytest.raises(InvalidRequestError, match="drawn outline"):
        drawn(geometry, atlas.level(AreaKind.SMALL_AREA))
