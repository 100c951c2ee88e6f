"""Polygons that several threads place points in at a time stay whole."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely

from exclusion_map.geography.placing import locate


def test_threads_that_share_polygons_place_as_one_would() -> None:
    middles = [(-1 + i / 50, 52 + j / 50) for i in range(10) for j in range(10)]
    shapes = [shapely.Point(at).buffer(0.011, quad_segs=64) for at in middles]
    polygons = np.array(shapes, dtype=object)

    def inside(seed: int) -> list[int]:
        random = np.random.default_rng(seed)
        x, y = random.uniform(-1, -0.8, 4_000), random.uniform(52, 52.2, 4_000)
        found: list[int] = locate(x, y, polygons).area.tolist()
        return found

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(inside, range(16)))
    assert together == [inside(seed) for seed in range(16)]
