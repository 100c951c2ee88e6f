"""Rolling up to larger areas, and answers at each level: worked by hand on six small areas."""

import math

import numpy as np
import pandas as pd
import pytest

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.explanation import percentile_at
from exclusion_map.areas.rolling import larger_base, roll_scores, weighted_mean
from exclusion_map.areas.scoring import Question, answer, at_level, explained_at
from exclusion_map.areas.selection import (
    choose,
)
from exclusion_map.areas.value_table import value_table
from exclusion_map.errors import (
    DefinitionError,
    ExclusionMapError,
)
from exclusion_map.index import Base
from exclusion_map.index.explain import percentiles
from exclusion_map.terms import AreaKind, Direction

from .conftest import CODES, COUNCIL, PEOPLE, N


def test_a_mean_by_people_leaves_gaps_out() -> None:
    values = np.array([10.0, 20.0, np.nan, 40.0, 1.0, 2.0])
    parent = np.array([0, 0, 0, 1, -1, -1], dtype=np.int32)
    # (10 * 100 + 20 * 300) / 400; the third area of the first has no value, the third none at all
    assert weighted_mean(values, PEOPLE, parent, 3).tolist()[:2] == [17.5, 40.0]
    assert math.isnan(weighted_mean(values, PEOPLE, parent, 3)[2])


def test_scores_of_larger_areas_by_hand() -> None:
    scores = ScoreSet(
        score=np.array([100.0, 0.0, np.nan, 50.0, 50.0, 80.0]),
        rank=np.array([1, 5, 0, 3, 3, 2], dtype=np.int32),
        decile=np.array([1, 10, 0, 5, 5, 1], dtype=np.uint8),
        ranked=5,
        data_share=np.array([1.0, 1.0, 0.25, 1.0, 1.0, 0.5]),
        worst_tenth_share=np.full(N, np.nan),
    )
    rolled = roll_scores(scores, PEOPLE, COUNCIL, 2)
    assert rolled.score.tolist() == [25.0, 62.0]
    assert rolled.rank.tolist() == [2, 1]
    assert rolled.ranked == 2
    # people of all three areas: (100 + 300 + 0.25 * 100) / 500, (100 + 200 + 0.5 * 200) / 500
    assert rolled.data_share.tolist() == [0.85, 0.8]
    # people with a score alone: 100 of 400, 200 of 500
    assert rolled.worst_tenth_share.tolist() == [0.25, 0.4]


def test_larger_areas_are_ranked_in_the_group_that_holds_nearly_all_of_them() -> None:
    assert larger_base(Base.everyone(), COUNCIL, 2) is None
    inside = larger_base(Base(COUNCIL, ("a", "b")), COUNCIL, 2)
    assert inside is not None
    assert inside.groups is not None
    assert inside.groups.tolist() == [0, 1]
    across = larger_base(Base(np.array([0, 0, 1, 1, 1, -1], np.int32)), COUNCIL, 2)
    assert across is not None
    assert across.groups is not None
    # the first lies across two groups; the second in one, but for an area outside the base
    assert across.groups.tolist() == [-1, 1]


def test_percentiles_of_one_are_those_of_all() -> None:
    values = np.array([3.0, 1.0, np.nan, 3.0, 5.0])
    every = np.ones(5, dtype=bool)
    assert [percentile_at(values, every, row) for row in (0, 1, 3, 4)] == [
        pytest.approx(one) for one in percentiles(values)[[0, 1, 3, 4]]
    ]
    assert percentile_at(values, every, 2) is None
    assert percentile_at(values, None, 0) is None
    assert percentile_at(values, every, 1, lower=True) == 87.5


def test_an_answer_at_each_level(atlas: Atlas, table, definition) -> None:
    found = answer(atlas, table, Question(definition=definition, weights={"poor": 0}))
    # old alone: the score runs with it
    assert found.composite.rank.tolist() == [6, 5, 4, 3, 2, 1]
    councils = at_level(atlas, found, AreaKind.LOCAL_AUTHORITY)
    mean = [(0 * 100 + 20 * 300 + 40 * 100) / 500, (60 * 100 + 80 * 200 + 100 * 200) / 500]
    assert councils.scores.score.tolist() == pytest.approx(mean)
    assert councils.scores.rank.tolist() == [2, 1]
    assert councils.ranked.tolist() == [2, 2]


def test_within_each_authority_ranks_start_again(atlas: Atlas, table, definition) -> None:
    asked = Question(definition=definition, weights={"poor": 0}, base=BaseName.LOCAL_AUTHORITY)
    scored = at_level(atlas, answer(atlas, table, asked), AreaKind.SMALL_AREA)
    assert scored.scores.rank.tolist() == [3, 2, 1, 3, 2, 1]
    assert scored.ranked.tolist() == [3] * N
    assert scored.group(0) == "Place E06000001"


def test_a_base_of_one_area_is_told(atlas: Atlas, table, definition) -> None:
    asked = Question(
        definition=definition, base=BaseName.SELECTION, selection=choose(atlas, [CODES[2]])
    )
    found = answer(atlas, table, asked)
    assert found.composite.score[2] == 50
    assert np.isnan(np.delete(found.composite.score, 2)).all()
    assert any("does not differ" in note for note in found.notes)


def test_adding_areas_outside_the_selection_changes_nothing_in_it(
    atlas: Atlas, table, definition
) -> None:
    three = choose(atlas, ["E06000001"])
    whole = answer(
        atlas, table, Question(definition=definition, base=BaseName.SELECTION, selection=three)
    )
    each = answer(atlas, table, Question(definition=definition, base=BaseName.LOCAL_AUTHORITY))
    assert whole.composite.score[:3].tolist() == each.composite.score[:3].tolist()


def test_means_of_contributions_add_up_at_every_level(atlas: Atlas, table, definition) -> None:
    found = answer(atlas, table, Question(definition=definition))
    median = np.median(found.composite.score)
    councils = explained_at(atlas, found, AreaKind.LOCAL_AUTHORITY)
    assert councils.contributions.sum(axis=1) == pytest.approx(councils.score - median)
    assert councils.components["age"].shape == (2,)


def test_only_the_areas_of_a_selection_are_shown(atlas: Atlas, table, definition) -> None:
    asked = Question(definition=definition, selection=choose(atlas, [CODES[4]]))
    found = answer(atlas, table, asked)
    assert at_level(atlas, found, AreaKind.SMALL_AREA).rows.tolist() == [4]
    assert at_level(atlas, found, AreaKind.LOCAL_AUTHORITY).rows.tolist() == [1]
    assert at_level(atlas, found, AreaKind.REGION).rows.tolist() == []


@pytest.mark.parametrize(
    ("weights", "found"),
    [({"none": 1}, "no group or indicator 'none'"), ({"age": 0, "poor": 0}, "all weights are 0")],
)
def test_weights_the_definition_cannot_have(
    atlas: Atlas, table, definition, weights: dict[str, float], found: str
) -> None:
    with pytest.raises(DefinitionError, match=found):
        answer(atlas, table, Question(definition=definition, weights=weights))


def test_a_table_without_directions_is_refused(atlas: Atlas) -> None:
    with pytest.raises(ExclusionMapError, match="poor"):
        value_table(atlas, {"old": Direction.HIGHER_IS_RISKIER})


def test_the_table_of_an_edition_is_rolled_up_alike(atlas: Atlas, table, definition) -> None:
    from exclusion_map.areas.rollup import score_table
    from exclusion_map.geography.larger import PARENT_COLUMNS

    small = pd.DataFrame({"code": CODES, "population": PEOPLE})
    for column, _ in PARENT_COLUMNS.values():
        small[column] = None
    small["local_authority_code"] = np.array(["E06000001", "E06000002"])[COUNCIL]
    found = answer(atlas, table, Question(definition=definition))
    rows = score_table("risk", found.composite, small).set_index("kind").loc["local_authority"]
    rolled = at_level(atlas, found, AreaKind.LOCAL_AUTHORITY).scores
    assert rows["code"].tolist() == ["E06000001", "E06000002"]
    assert rows["score"].tolist() == rolled.score.tolist()
    assert rows["rank"].tolist() == rolled.rank.tolist()
    assert rows["worst_tenth_share"].tolist() == rolled.worst_tenth_share.tolist()
