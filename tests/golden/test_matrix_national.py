"""The risk matrix of England and Wales, and of Wirral: regression values of the edition."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.editions.matrix import made_of, published_doubt
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.targeting.matrix import MatrixQuestion
from exclusion_map.targeting.matrix_cells import CellId
from exclusion_map.targeting.matrix_cuts import CutRule
from exclusion_map.targeting.matrix_impact import impact_of
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national
SMALL = AreaKind.SMALL_AREA


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


def test_older_people_of_england_and_wales(edition: Edition) -> None:
    index = edition.manifest.default_index
    scores = edition.atlas.score_set(index, SMALL)
    impact = impact_of(edition.atlas, edition.manifest.indicators, "aged_75_plus")
    matrix = made_of(edition, scores, impact, MatrixQuestion(), SMALL)
    # Census 2021, TS007A: 5,139,913 usual residents aged 75 and over in the small areas' table.
    assert sum(cell.group for cell in matrix.cells) == 5_139_913
    assert sum(cell.areas for cell in matrix.cells) == 35_672
    assert matrix.impact_cuts.edges == (102.0, 167.0)
    assert np.bincount(matrix.likelihood)[1:].tolist() == [11891, 11891, 11890]
    assert matrix.at(CellId(3, 3)).group == 1_487_140
    doubt = published_doubt(edition, matrix, scores, index, SMALL)
    assert doubt is not None
    assert int(doubt.moves.sum()) == 22_620
    sure, possible = doubt.cell_ranges(matrix)[CellId(3, 3)]
    assert (sure, possible) == (3_442, 8_470)


def test_wards_by_people_hold_as_many_each(edition: Edition) -> None:
    scores = edition.atlas.score_set(edition.manifest.default_index, SMALL)
    impact = impact_of(edition.atlas, edition.manifest.indicators, "limited_english")
    question = MatrixQuestion(size=5, cuts=CutRule.PEOPLE)
    matrix = made_of(edition, scores, impact, question, AreaKind.WARD)
    people = np.bincount(matrix.likelihood, weights=matrix.people)[1:]
    assert people / people.sum() == pytest.approx([0.2] * 5, abs=0.001)


def test_wirral(edition: Edition) -> None:
    scores = edition.atlas.score_set(edition.manifest.default_index, SMALL)
    impact = impact_of(edition.atlas, edition.manifest.indicators, "aged_75_plus")
    matrix = made_of(edition, scores, impact, MatrixQuestion(), SMALL, ["E08000015"])
    assert len(matrix.units) == 209
    assert matrix.at(CellId(3, 3)).areas == 31
    first = int(matrix.chosen([CellId(3, 3)])[0])
    assert matrix.units.names[first].startswith("Hoylake")
