"""Classes, stripes, borders and files of raster pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from exclusion_map.maps.palette import (
    MISSING_COLOUR,
    MISSING_HATCH,
    PALETTES,
    PaletteName,
)
from exclusion_map.maps.raster_colour import (
    Shading,
    borders,
    class_table,
    encode,
    paint,
    scheme_of,
)
from exclusion_map.maps.raster_png import palette_png

DECILES = np.array([1, 10, 0, 5], dtype=np.uint8)
SCORES = np.array([100.0, 0.0, np.nan, 49.0])
RISK = scheme_of(Shading.DECILE, PaletteName.RISK)


def rgb(colour: str) -> tuple[int, int, int]:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def test_a_class_for_every_area_number() -> None:
    table = class_table(Shading.DECILE, RISK, DECILES, SCORES)
    assert table.tolist() == [0, 1, 10, RISK.missing, 5]
    chosen = class_table(Shading.DECILE, RISK, DECILES, SCORES, np.array([0, 2]))
    assert chosen.tolist() == [0, 1, 0, RISK.missing, 0]


def test_scores_run_from_the_darkest_to_the_lightest() -> None:
    scheme = scheme_of(Shading.SCORE, PaletteName.CIVIDIS)
    table = class_table(Shading.SCORE, scheme, DECILES, SCORES)
    assert table.tolist() == [0, 1, 50, scheme.missing, 26]
    assert scheme.classes[0] == PALETTES[PaletteName.CIVIDIS][0]
    assert scheme.classes[-1] == PALETTES[PaletteName.CIVIDIS][-1]
    assert len(scheme.colours) <= 256


@pytest.mark.parametrize("scale", [1, 2])
def test_missing_data_is_striped_and_stripes_meet_across_tiles(scale: int) -> None:
    size = 64 * scale
    classes = np.full((size + 1, size + 1), RISK.missing, dtype=np.uint8)
    painted = paint(classes, RISK, scale=scale)
    assert set(np.unique(painted)) == {RISK.missing, RISK.stripe}
    assert 0.2 < (painted == RISK.stripe).mean() < 0.3
    beside = np.hstack([painted, painted])
    for shifted in (beside[:, scale * 8 :], beside[:, : -scale * 8]):
        assert (shifted[:, :size] == painted).all()


def test_borders_lie_between_areas_and_not_at_the_coast() -> None:
    owners = np.array([[1, 1, 2, 0], [1, 1, 2, 0], [3, 3, 3, 0], [0, 0, 0, 0]], dtype=np.uint16)
    assert borders(owners).tolist() == [
        [False, True, False],
        [True, True, True],
        [False, False, False],
    ]
    painted = paint(np.ones((4, 4), dtype=np.uint8), RISK, owners)
    assert (painted == RISK.border).sum() == 4


@pytest.mark.parametrize("shading", list(Shading))
@pytest.mark.parametrize("size", [(5, 7), (256, 256)])
def test_a_file_decodes_to_its_colours(shading: Shading, size: tuple[int, int]) -> None:
    scheme = scheme_of(shading, PaletteName.RISK)
    rng = np.random.default_rng(1)
    painted = rng.integers(0, len(scheme.colours), size).astype(np.uint8)
    decoded = np.asarray(Image.open(io.BytesIO(encode(painted, scheme))).convert("RGBA"))
    colours = np.array([(*rgb(colour), 255) for colour in scheme.colours])
    colours[0, 3] = 0
    assert (decoded == colours[painted]).all()


def test_few_colours_take_half_a_byte_a_pixel() -> None:
    pixels = np.zeros((4, 4), dtype=np.uint8)
    assert palette_png(pixels, ("#000000",) * 16)[24] == 4
    assert palette_png(pixels, ("#000000",) * 17)[24] == 8
    assert len(encode(np.zeros((256, 256), dtype=np.uint8), RISK)) < 400


def test_no_class_looks_like_missing_data() -> None:
    for name in PaletteName:
        for shading in Shading:
            assert not {MISSING_COLOUR, MISSING_HATCH} & set(scheme_of(shading, name).classes)
