"""Whatever the seed, the county holds together."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.sampleshire.cells import cells
from exclusion_map.sampleshire.county import draw_county, streams
from exclusion_map.sampleshire.groups import grow, neighbours
from exclusion_map.sampleshire.shape import roughen
from exclusion_map.sampleshire.write_geography import old_areas


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32), areas=st.integers(60, 110))
def test_cells_cover_the_land_one_a_point(seed: int, areas: int) -> None:
    made = cells(streams(seed)["land"], areas)
    assert len(made.polygons) == areas
    assert shapely.is_valid(made.polygons).all()
    assert shapely.coverage_is_valid(made.polygons)
    assert np.allclose(shapely.area(made.polygons).sum(), made.coast.area, rtol=1e-4)
    corners = shapely.get_coordinates(made.polygons)
    assert np.allclose(corners, np.round(corners, 6), rtol=0, atol=1e-12)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_people_add_up_and_levels_nest(seed: int) -> None:
    county = draw_county(streams(seed), 70)
    people, areas = county.people, county.areas
    assert (people.ages.sum(axis=1).to_numpy() == people.residents).all()
    for households in (people.sizes, people.deprivation, people.cars, people.tenures):
        assert (households.sum(axis=1).to_numpy() == people.households).all()
    for adults in (people.classes, people.qualifications):
        assert (adults.sum(axis=1).to_numpy() == people.aged_16_plus).all()
    assert (people.work_history.sum(axis=1).to_numpy() <= people.aged_16_plus).all()
    assert (people.students <= people.aged_5_plus).all()
    by_area = county.output_areas.groupby("area")["households"].sum()
    assert (by_area.to_numpy() == people.households).all()
    assert areas["code"].is_unique
    assert areas["code"].is_monotonic_increasing
    for level in ("neighbourhood_code", "ward_code"):
        assert (areas.groupby(level)["authority_code"].nunique() == 1).all()
        assert areas.groupby(level)[level.removesuffix("_code")].nunique().eq(1).all()
    assert set(old_areas(county)["area"]) == set(range(70))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(2, 9), start=st.floats(0, 6.3))
def test_groups_share_out_every_area_once_and_hang_together(
    seed: int, size: int, start: float
) -> None:
    random = np.random.default_rng(seed)
    points = random.uniform(0, 10, (40, 2))
    box = shapely.box(-1, -1, 11, 11)
    polygons = shapely.voronoi_polygons(
        shapely.MultiPoint(points), extend_to=box, ordered=True
    ).geoms
    near = neighbours(np.array(polygons))
    groups = grow(np.arange(40), points, near, size=size, start=start)
    assert sorted(area for group in groups for area in group) == list(range(40))
    for group in groups:
        reached = {group[0]}
        while more := {other for area in reached for other in near[area]} & set(group) - reached:
            reached |= more
        assert reached == set(group)


@given(seed=st.integers(0, 2**32), step=st.floats(5, 200), share=st.floats(0, 0.2))
@settings(max_examples=25, deadline=None)
def test_a_roughened_line_keeps_its_ends_and_wanders_only_so_far(
    seed: int, step: float, share: float
) -> None:
    line = np.array([[0.0, 0.0], [400.0, 0.0], [400.0, 300.0]])
    rough = roughen(line, np.random.default_rng(seed), step_m=step, share=share, most_m=30.0)
    assert (rough[0] == line[0]).all()
    assert (rough[-1] == line[-1]).all()
    assert np.hypot(*np.diff(rough, axis=0).T).max() <= step
    away = shapely.distance(shapely.points(rough), shapely.LineString(line))
    assert away.max() <= 30.0
