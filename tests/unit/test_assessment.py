"""Impact assessments: shares and intervals by hand, what is declared, what brings questions up."""

import numpy as np
import pytest
from pydantic import ValidationError

from exclusion_map.catalogue import indicators
from exclusion_map.targeting.assessment.declared import (
    FINDINGS,
    RURAL,
    FigureOf,
    Part,
    figures_used,
    groups,
    prompts,
)
from exclusion_map.targeting.assessment.figures import Column, Weighing, figure
from exclusion_map.targeting.assessment.prompting import Findings, asked_of
from exclusion_map.targeting.assessment.reach import Reach
from exclusion_map.targeting.footprint.weighing import NORMAL_95, Shares
from exclusion_map.terms import NhsGroup

PROTECTED = {
    *("Age", "Disability", "Gender reassignment", "Marriage and civil partnership"),
    *("Pregnancy and maternity", "Race", "Religion or belief", "Sex", "Sexual orientation"),
}
PEOPLE = np.array([100.0, 300.0, 600.0])
OLD = Column(shares=Shares(share=np.array([0.1, 0.2, np.nan]), whole=PEOPLE), unit="percent")


def weighing(people: list[float], *, listed: bool = False) -> Weighing:
    return Weighing.of_people(np.array(people), PEOPLE, listed=listed)


EVERYBODY = weighing([100.0, 300.0, 600.0])


def test_residents_give_the_published_counts_back() -> None:
    found = figure("old", OLD, weighing([100.0, 300.0, 0.0]), EVERYBODY)
    assert found.value == pytest.approx(100 * (10 + 60) / 400)
    assert found.people == pytest.approx(70)
    assert found.covered == 1
    assert found.compared == pytest.approx(0.4)  # the third area has no value, and is not 0


def test_the_interval_is_that_of_the_formula() -> None:
    found = figure("old", OLD, weighing([100.0, 300.0, 0.0]), EVERYBODY)
    variance = 100**2 * (0.1 * 0.9 / 100 + (2 / 100) ** 2)
    variance += 300**2 * (0.2 * 0.8 / 300 + (2 / 300) ** 2)
    reach = NORMAL_95 * 100 * variance**0.5 / 400
    assert found.low == pytest.approx(found.value - reach)
    assert found.high == pytest.approx(found.value + reach)


def test_people_of_a_list_count_where_they_live_and_are_less_sure() -> None:
    listed = figure("old", OLD, weighing([10.0, 30.0, 0.0], listed=True), EVERYBODY)
    residents = figure("old", OLD, weighing([10.0, 30.0, 0.0]), EVERYBODY)
    assert listed.value == residents.value == pytest.approx((10 * 10 + 30 * 20) / 40)
    assert listed.high - listed.low > residents.high - residents.low


def test_a_figure_of_homes_counts_homes() -> None:
    homes = np.array([50.0, 100.0, 200.0])
    alone = Column(shares=Shares(share=np.array([0.4, 0.1, 0.2]), whole=homes), unit="percent")
    found = figure("alone", alone, EVERYBODY, EVERYBODY)
    assert found.value == pytest.approx(100 * (20 + 10 + 40) / 350)
    assert found.value == pytest.approx(found.comparator)


def test_a_score_is_no_share_and_has_no_interval() -> None:
    steps = Shares(share=np.array([1.0, -1.0, 0.0]), whole=np.full(3, np.nan))
    speed = Column(shares=steps, unit="standard score")
    found = figure("speed", speed, weighing([100.0, 0.0, 0.0]), EVERYBODY)
    assert found.value == 1.0
    assert found.comparator == pytest.approx(-0.2)
    assert np.isnan(found.low)
    assert np.isnan(found.people)
    assert found.sign == 1


def test_nothing_known_stays_unknown() -> None:
    found = figure("old", OLD, weighing([0.0, 0.0, 600.0]), EVERYBODY)
    assert not found.known
    assert found.sign == 0


def test_every_protected_characteristic_is_looked_at() -> None:
    assert {group.name for group in groups().of(Part.PROTECTED)} == PROTECTED
    held = {group.key for group in groups().of(Part.INCLUSION)}
    assert held >= {
        *("homelessness", "asylum", "justice", "sex_workers", "gypsy_roma_traveller"),
        *("drugs_alcohol", "carers", "modern_slavery", "learning_disability", "low_income"),
    }
    assert all(group.cannot and group.ask and group.elsewhere for group in groups().groups)


def test_inclusion_health_groups_have_no_figure_at_all() -> None:
    for group in groups().groups:
        if "inclusion health" in group.basis:
            assert group.figures == ()


def test_figures_and_causes_are_those_there_are() -> None:
    known = set(indicators()) | {RURAL}
    assert set(figures_used()) <= known
    causes = {cause for prompt in prompts().prompts for cause in prompt.when}
    assert causes <= known | set(FINDINGS) | {group.value for group in NhsGroup}
    assert len(prompts().domains) == 5


def test_a_related_figure_must_say_what_it_does_not_mean() -> None:
    with pytest.raises(ValidationError, match="does not mean"):
        FigureOf.model_validate({"indicator": "no_car", "role": "related"})


def test_findings_bring_questions_up() -> None:
    near = Reach(kind="library", places=1, share=0.9, usual=0.5, way=500, known=1)
    calm = Findings(figures={}, drivers=(), reach=(near,), worst_tenth=(0.1, 0.1))
    asked = asked_of(calm)
    assert {one.prompt.domain for one in asked} == set(prompts().domains)
    assert all(set(one.causes) <= set(FINDINGS) for one in asked)
    far = Reach(kind="library", places=0, share=0.2, usual=0.5, way=5_000, known=1)
    worried = Findings(
        figures={}, drivers={"disabled", NhsGroup.AGE}, reach=(far,), worst_tenth=(0.3, 0.1)
    )
    causes = {cause for one in asked_of(worried) for cause in one.causes}
    assert {"disabled", "age", "far", "worst_tenth"} <= causes
    assert len(asked_of(worried)) > len(asked)
