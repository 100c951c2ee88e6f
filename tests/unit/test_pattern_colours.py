"""The classes of local patterns can be told apart by everyone; each also has its words."""

import itertools

import numpy as np
import pytest

from api.pages.layers import _PATTERNS_LAYER, PATTERN_CLASSES
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.maps.palette import COLOUR_BLINDNESS, MISSING_COLOUR, cie_lab, linear_rgb


@pytest.mark.parametrize("sight", ["normal sight", *COLOUR_BLINDNESS])
def test_any_two_classes_differ_plainly(sight: str) -> None:
    matrix = COLOUR_BLINDNESS.get(sight, np.eye(3))
    seen = [cie_lab(np.clip(matrix @ linear_rgb(one), 0, 1)) for one in _PATTERNS_LAYER.colours]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20


def test_every_pattern_but_missing_has_a_class_in_words() -> None:
    assert {*PATTERN_CLASSES, Pattern.MISSING} == set(Pattern)
    assert _PATTERNS_LAYER.labels == tuple(pattern.label for pattern in PATTERN_CLASSES)
    assert MISSING_COLOUR not in _PATTERNS_LAYER.colours
