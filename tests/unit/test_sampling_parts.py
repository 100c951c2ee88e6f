"""Allocation, precision, uploads and records of samples, by hand."""

import json
import math

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.allocation import (
    shares,
    weighted_spread,
    whole_numbers,
)
from exclusion_map.targeting.sampling.design import Allocation, SampleDesign, parse_design
from exclusion_map.targeting.sampling.figures import cut, own_classes
from exclusion_map.targeting.sampling.precision import (
    areas_needed,
    clustering_effect,
    kish_effect,
    least_difference,
    power_of_difference,
    precision,
)
from exclusion_map.targeting.sampling.record import design_of
from exclusion_map.targeting.sampling.uploading import read_column

POSITION = {"E01000001": 0, "E01000002": 1, "E01000003": 2}


def test_largest_remainder_by_hand() -> None:
    # Ten by 5.5, 2.7, 1.8: 5 + 2 + 1, then one each to .8 and .7.
    found = whole_numbers(np.array([55.0, 27, 18]), 10, np.zeros(3, dtype=int), np.full(3, 99))
    assert found.tolist() == [5, 3, 2]


def test_bounds_of_strata_are_kept() -> None:
    share = np.array([90.0, 9, 1])
    found = whole_numbers(share, 10, np.full(3, 2), np.full(3, 99))
    assert found.tolist() == [6, 2, 2]
    found = whole_numbers(share, 10, np.full(3, 1), np.array([4, 99, 99]))
    assert found.tolist() == [4, 5, 1]
    # A stratum smaller than the least gives all it has.
    assert whole_numbers(share, 5, np.full(3, 2), np.array([9, 9, 1])).tolist() == [2, 2, 1]
    with pytest.raises(InvalidRequestError, match="6 to 99"):
        whole_numbers(share, 5, np.full(3, 2), np.full(3, 33))


def test_neyman_by_hand() -> None:
    # Sizes 100 and 100, spreads 1 and 3: one part to three.
    totals, spreads = np.array([100.0, 100]), np.array([1.0, 3])
    part = shares(Allocation.NEYMAN, totals, spreads, {}, ["a", "b"])
    assert whole_numbers(part, 8, np.zeros(2, dtype=int), np.full(2, 99)).tolist() == [2, 6]
    # Mean of 0 and 4 with weights 3 and 1 is 1; the variance is (3 x 1 + 1 x 9) / 4 = 3.
    spread = weighted_spread(np.array([0.0, 4, np.nan]), np.array([3.0, 1, 7]))
    assert spread == pytest.approx(math.sqrt(3))


def test_quotas_name_strata() -> None:
    part = shares(Allocation.QUOTAS, np.ones(2), np.ones(2), {"b": 3}, ["a", "b"])
    assert part.tolist() == [0, 3]
    with pytest.raises(InvalidRequestError, match="no such stratum"):
        shares(Allocation.QUOTAS, np.ones(1), np.ones(1), {"c": 3}, ["a"])


def test_design_effects_by_hand() -> None:
    assert clustering_effect(10, 0.05) == pytest.approx(1.45)
    # Weights 1, 1, 2: 3 x 6 / 16.
    assert kish_effect(np.array([1.0, 1, 2])) == pytest.approx(1.125)
    assert kish_effect(np.full(7, 3.0)) == pytest.approx(1)


def test_precision_by_hand() -> None:
    # 400 people, design effect 1: 1.959964 x sqrt(0.25 / 400) = 4.9 points.
    found = precision(areas=400, interviews=1, icc=0.3)
    assert found.half_width == pytest.approx(0.0489991, abs=1e-6)
    # 40 areas of 10 people, icc 0.05: 400 / 1.45 people count.
    found = precision(areas=40, interviews=10, icc=0.05)
    assert found.effective == pytest.approx(275.862, abs=1e-3)
    assert found.half_width == pytest.approx(1.959964 * math.sqrt(0.25 / 275.862), abs=1e-6)
    # Of 800 people in all: times sqrt(1 - 400 / 800).
    half = precision(areas=40, interviews=10, icc=0.05, people=800)
    assert half.half_width == pytest.approx(found.half_width * math.sqrt(0.5))
    with pytest.raises(InvalidRequestError):
        precision(areas=40, interviews=10, icc=0.05, people=399)


def test_the_number_of_areas_gives_the_half_width() -> None:
    # The textbook's 385 people for 5 points at 50 %.
    assert areas_needed(half_width=0.05, interviews=1, icc=0) == 385
    assert areas_needed(half_width=0.05, interviews=1, icc=0, people=1000) == 278
    for icc, people in ((0.02, 5_000.0), (0.1, math.inf)):
        wanted = areas_needed(half_width=0.05, interviews=12, icc=icc, people=people)
        enough, fewer = (
            precision(areas=n, interviews=12, icc=icc, people=people).half_width
            for n in (wanted, wanted - 1)
        )
        assert enough <= 0.05 < fewer


def test_power_of_a_difference() -> None:
    # 388 in each group find 50 % against 60 % with a power of 80 % (unpooled normal formula:
    # (1.959964 + 0.841621)^2 x (0.25 + 0.24) / 0.01 = 384.6).
    assert power_of_difference(0.5, 0.6, effective=(384.6, 384.6)) == pytest.approx(0.8, abs=1e-3)
    assert power_of_difference(0.5, 0.5, effective=(50, 50)) == pytest.approx(0.05)
    rise = least_difference(0.5, effective=(384.6, 384.6))
    assert rise == pytest.approx(0.1, abs=1e-3)
    assert least_difference(0.99, effective=(3, 3)) is None


def test_classes_hold_as_many_and_keep_ties_together() -> None:
    told = cut(np.array([1.0, 2, 3, 4, np.nan]), 2, "age")
    assert told == [
        "age: class 1 of 2", "age: class 1 of 2",
        "age: class 2 of 2", "age: class 2 of 2", "not known",
    ]  # fmt: skip
    assert len(set(cut(np.array([0.0, 0, 0, 5]), 4, "x"))) == 2
    assert own_classes(["1", "2", ""], 5) == ["1", "2", "not known"]
    assert own_classes([str(n) for n in range(10)], 2)[0] == "own: class 1 of 2"


def test_a_column_is_read_whatever_its_marks() -> None:
    text = "\ufeffCode;Patch;Other\nE01000001;North;1\ne01000003 ;South;2\nE09;West;3\n;;\n"
    found = read_column(text, POSITION, "patch")
    assert found.texts == ("North", "", "South")
    assert (found.matched, found.missed, found.unknown) == (2, 1, ("E09",))
    assert read_column("area_code,a,b\nE01000002,x,y\n", POSITION).texts == ("", "x", "")


@pytest.mark.parametrize(
    "text", ["", "name,patch\nx,y\n", "code\nE01000001\n", "code,patch\nnothing,x\n"]
)
def test_a_file_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_column(text, POSITION)


def test_a_record_gives_its_design_back() -> None:
    design = SampleDesign(areas=12, strata=("fifth",), seed=2**53 - 1)
    text = json.dumps({"format": 1, "design": design.model_dump(mode="json")})
    assert design_of(text) == design
    for bad in ("", "[]", '{"areas": 0}', '{"what": 1}'):
        with pytest.raises(InvalidRequestError):
            design_of(bad)


def test_contradictions_in_a_design_are_told() -> None:
    with pytest.raises(InvalidRequestError, match="quotas needs a number"):
        parse_design({"allocation": "quotas"})
    with pytest.raises(InvalidRequestError, match="classes"):
        parse_design({"classes": 1})
    with pytest.raises(InvalidRequestError, match="twice"):
        parse_design({"strata": ["fifth", "fifth"]})
