"""The map's colours can be told apart by everyone, and on a greyscale print."""

import itertools

import numpy as np
import pytest

from exclusion_map.directory import taxonomy
from exclusion_map.maps.palette import (
    COLOUR_BLINDNESS,
    DECILE_COLOURS,
    MISSING_COLOUR,
    MISSING_HATCH,
    PALETTES,
    SUPPORT_COLOURS,
    SUPPORT_LETTERS,
    SUPPORT_SHAPES,
    cie_lab,
    contrast_ratio,
    decile_colour,
    decile_words,
    linear_rgb,
    text_on,
)

NORMAL = {"normal sight": np.eye(3)}


def seen(colour: str, matrix: np.ndarray) -> np.ndarray:
    return cie_lab(matrix @ linear_rgb(colour))


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("sight", [*NORMAL, *COLOUR_BLINDNESS])
def test_lightness_rises_from_highest_to_lowest_risk_in_every_kind_of_sight(
    sight: str, colours: tuple[str, ...]
) -> None:
    matrix = (NORMAL | COLOUR_BLINDNESS)[sight]
    lightness = [seen(colour, matrix)[0] for colour in colours]
    assert min(np.diff(lightness)) > 5


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("sight", [*NORMAL, *COLOUR_BLINDNESS])
def test_neighbouring_classes_differ_visibly(sight: str, colours: tuple[str, ...]) -> None:
    matrix = (NORMAL | COLOUR_BLINDNESS)[sight]
    steps = [
        np.linalg.norm(seen(b, matrix) - seen(a, matrix)) for a, b in itertools.pairwise(colours)
    ]
    assert min(steps) > 6.5


def test_steps_in_greyscale_are_even() -> None:
    steps = np.diff([cie_lab(linear_rgb(colour))[0] for colour in DECILE_COLOURS])
    assert max(steps) - min(steps) < 3


def test_decile_one_is_the_darkest_and_missing_is_not_in_the_palette() -> None:
    assert decile_colour(1) == DECILE_COLOURS[0]
    assert decile_colour(10) == DECILE_COLOURS[9]
    assert decile_colour(0) == MISSING_COLOUR
    assert MISSING_COLOUR not in DECILE_COLOURS
    assert contrast_ratio(MISSING_COLOUR, MISSING_HATCH) >= 3


def test_words_say_which_end_is_high() -> None:
    assert decile_words(1) == "highest-risk tenth"
    assert decile_words(10) == "lowest-risk tenth"
    assert decile_words(2) == "second highest-risk tenth"
    assert decile_words(6) == "fifth lowest-risk tenth"
    assert decile_words(0) == "no data"


@pytest.mark.parametrize("colour", DECILE_COLOURS)
def test_text_on_a_class_is_readable(colour: str) -> None:
    assert contrast_ratio(colour, text_on(colour)) >= 4.5


def test_contrast_ratio_of_black_and_white_is_21() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21, abs=0.01)


def test_each_kind_of_place_has_its_own_colour_letter_and_outline() -> None:
    kinds = set(taxonomy("places").term_keys)
    for signs in (SUPPORT_COLOURS, SUPPORT_LETTERS, SUPPORT_SHAPES):
        assert set(signs) == kinds
        assert len(set(signs.values())) == len(kinds)
    assert all(contrast_ratio(colour, "#ffffff") >= 4.5 for colour in SUPPORT_COLOURS.values())
