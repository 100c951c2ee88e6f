"""The shipped declarations of indicators: complete, readable, and known to the readers."""

import re

import pytest

from exclusion_map import catalogue
from exclusion_map.indicators.values import tables_of
from exclusion_map.sources import tables
from exclusion_map.terms import Direction, Nation, NhsGroup

EXPECTED = {
    "aged_65_74",
    "aged_75_plus",
    "bad_health",
    "broadband_deficit",
    "digital_connectivity",
    "disabled",
    "disabled_limited_a_little",
    "disabled_limited_a_lot",
    "income_deprivation",
    "limited_english",
    "living_alone",
    "never_worked",
    "no_car",
    "no_qualifications",
    "routine_occupations",
    "social_renting",
}
INDICATORS = list(catalogue.indicators().values())


def test_the_shipped_indicators_are_these() -> None:
    assert set(catalogue.indicators()) == EXPECTED


def test_every_group_that_statistics_can_show_has_an_indicator() -> None:
    shown = {indicator.nhs_group for indicator in INDICATORS}
    assert shown == {group for group in NhsGroup if group.measurable}


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.id)
class TestDeclaration:
    def test_tables_and_source_are_known(self, indicator: catalogue.Indicator) -> None:
        for table in tables_of(indicator):
            assert tables.table_source(table).source == indicator.source
        assert indicator.source in catalogue.sources()

    def test_columns_are_those_the_source_declares(self, indicator: catalogue.Indicator) -> None:
        for part in (indicator.count, indicator.out_of):
            if part is None or not part.table.startswith("ts"):
                continue
            spec = tables.table_source(part.table)
            file = next(
                file for file in catalogue.source(spec.source).files if file.path == spec.path
            )
            known = {column.removesuffix("; measures: Value") for column in file.columns}
            assert set(part.columns) <= known

    def test_nations_are_those_of_its_ranges(self, indicator: catalogue.Indicator) -> None:
        assert set(indicator.nations) == set(indicator.plausible)
        assert set(indicator.nations) <= {Nation.ENGLAND, Nation.WALES}
        if len(indicator.nations) == 1:
            assert not indicator.comparable_across_nations

    def test_words_are_plain(self, indicator: catalogue.Indicator) -> None:
        words = re.findall(r"[A-Za-z]+", indicator.meaning)
        sentences = [part for part in re.split(r"[.:]\s", indicator.meaning) if part.strip()]
        assert len(words) / len(sentences) <= 27, "sentences a child of 11 can follow"
        assert sum(len(word) > 11 for word in words) <= 1
        assert len(indicator.short_label) <= 32
        assert indicator.direction is Direction.HIGHER_IS_RISKIER

    def test_evidence_and_warnings_are_there(self, indicator: catalogue.Indicator) -> None:
        assert "correlation" in indicator.why or "Not yet measured" in indicator.why
        assert indicator.warnings
        if indicator.source == "nomis-census2021":
            assert any("pandemic" in warning for warning in indicator.warnings)
            assert any("alters small counts" in warning for warning in indicator.warnings)
            assert str(indicator.date) == "2021-03-21"

    def test_risk_is_never_called_exclusion(self, indicator: catalogue.Indicator) -> None:
        text = f"{indicator.label} {indicator.meaning} {indicator.why}".lower()
        assert "excluded people" not in text


def test_the_measure_of_the_indices_is_not_sold_as_a_speed() -> None:
    measure = catalogue.indicator("digital_connectivity")
    assert measure.unit == "standard score"
    assert measure.factor == 1.0
    assert measure.nations == (Nation.ENGLAND,)
    assert any("not a speed in Mbit/s" in warning for warning in measure.warnings)


def test_english_says_that_the_census_points_the_other_way() -> None:
    english = catalogue.indicator("limited_english")
    assert "-0.28" in english.why
    assert any("more often, not less" in warning for warning in english.warnings)
