"""Draws, intervals and what drives them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from exclusion_map.errors import DefinitionError, InvalidRequestError
from exclusion_map.index import Base, Definition, ValueTable, compose
from exclusion_map.index import uncertainty as module
from exclusion_map.index.kept_ranks import KeptRanks
from exclusion_map.index.sensitivity import sensitivity, sobol
from exclusion_map.index.sweep import Ranker, line_up, order_of
from exclusion_map.index.uncertainty import Robustness, uncertainty
from exclusion_map.index.variants import variants
from exclusion_map.index.vary import CountNoise, Doubts, draw, nominal
from exclusion_map.index.weigh import leaf_weights
from exclusion_map.terms import Direction

CERTAIN = Doubts(concentration=None, normalisations=(), aggregations=(), leave_out=0, noise=None)
N = 300


def _definition(**more: Any) -> Definition:
    inner = [{"indicator": "a", "weight": 2}, {"indicator": "b", "weight": 1}]
    children = [
        {"id": "g", "title": "G", "weight": 3, "children": inner},
        {"indicator": "c", "weight": 1},
        {"indicator": "d", "weight": 1},
    ]
    return Definition.parse({"id": "x", "title": "X", "children": children, **more})


def _table(gaps: bool = False, seed: int = 3) -> ValueTable:
    rng = np.random.default_rng(seed)
    values = np.round(100 * rng.beta(2, 6, (N, 4)), 6)
    if gaps:
        values[:40, 3] = np.nan
        values[30:60, 0] = np.nan  # more than half of its group: the group has no score there
        values[60:70, :3] = np.nan  # no score at all
    return ValueTable(
        codes=np.array([f"A{at:03}" for at in range(N)]),
        indicators=("a", "b", "c", "d"),
        values=values,
        population=rng.integers(500, 3000, N).astype(float),
        directions=(Direction.HIGHER_IS_RISKIER,) * 3 + (Direction.LOWER_IS_RISKIER,),
        denominators=np.full((N, 4), 1500.0),
    )


def _groups() -> Base:
    return Base.by([["x", "y", None][at % 3] for at in range(N)])


@pytest.mark.parametrize("base", [Base.everyone(), _groups()], ids=["everyone", "groups"])
@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
def test_without_doubts_every_draw_is_the_published_index(gaps: bool, base: Base) -> None:
    table = _table(gaps)
    # weights without round ratios, so that no areas tie; ties are ordered by place in a draw
    definition = _definition().with_weights({"a": 2.137, "c": 1.0713, "g": 3.3331})
    published = compose(definition, table, base)
    found = uncertainty(definition, table, base, CERTAIN, draws=7)
    assert found.rank_low.tolist() == published.rank.tolist()
    assert found.rank_high.tolist() == published.rank.tolist()
    assert found.decile_low.tolist() == published.decile.tolist()
    assert found.decile_high.tolist() == published.decile.tolist()
    has = published.rank > 0
    assert ((found.worst_tenth == 1) == (found.decile_low == 1)).all()
    assert np.isnan(found.worst_tenth[~has]).all()
    assert (found.robustness[~has] == Robustness.NO_SCORE).all()


@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
def test_each_draw_equals_the_index_computed_the_long_way(gaps: bool) -> None:
    # a rule for gaps that does not depend on the weights, which the draws change
    table, definition = _table(gaps), _definition(missing={"minimum_share": 0})
    doubts = Doubts(leave_out=0, noise=None)
    drawn = draw(definition, doubts, 24, np.random.default_rng(8))
    base = Base.everyone()
    published = compose(definition, table, base)
    built = variants(definition, table, (base,), doubts)
    order = order_of(built, published.rank > 0, table.population, base)
    ranker = Ranker(order)
    rank, tenth = np.empty(len(order.areas), np.uint16), np.empty(len(order.areas), np.uint8)
    for one, score in line_up(built, order).scores(drawn, noisy=False):
        ranker.rank(score, rank, tenth)
        normaliser = doubts.normalisations[drawn.normalisation[one]]
        if normaliser.method == "z_score":
            continue  # moved onto 0 to 100 for the means that need it
        way = doubts.aggregations[drawn.aggregation[one]]
        names = {node.id: [child.id for child in node.children] for node in definition.components()}
        names[definition.id] = [child.id for child in definition.children]
        weights = {
            child: float(weight)
            for group, row in drawn.weights.items()
            for child, weight in zip(names[group], row[one], strict=True)
        }
        again = definition.model_copy(update={"normalise": normaliser, "aggregate": way})
        long = compose(again.with_weights(weights), table, base)
        assert np.abs(long.rank[order.areas] - 1.0 - rank).max() <= 1  # float32
        assert np.abs(long.decile[order.areas] - 1.0 - tenth).max() <= 1


def test_weights_make_up_for_gaps_and_for_what_is_left_out() -> None:
    definition = _definition()
    drawn = nominal(definition)
    everything = np.array([True, True, True, True])
    assert leaf_weights(definition, drawn, everything)[0] == pytest.approx([0.4, 0.2, 0.2, 0.2])
    # without `a` its group has a third of its weight, less than half: it has no score
    lacking = np.array([False, True, True, True])
    assert leaf_weights(definition, drawn, lacking)[0] == pytest.approx([0, 0, 0.5, 0.5])
    # left out by a draw, `a` is made up for by `b`, whatever share that is
    without_a = replace(drawn, left_out=np.array([0]))
    assert leaf_weights(definition, without_a, everything)[0] == pytest.approx([0, 0.6, 0.2, 0.2])
    # an area that has `c` alone keeps it
    only_c = np.array([False, False, True, False])
    without_c = replace(drawn, left_out=np.array([2]))
    assert leaf_weights(definition, without_c, only_c)[0] == pytest.approx([0, 0, 1, 0])


def test_the_same_seed_gives_the_same_answer_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = uncertainty(_definition(), _table(), draws=120, seed=5)
    monkeypatch.setattr(module, "THREADS", 1)
    monkeypatch.setattr(module, "CHUNK", 7)
    second = uncertainty(_definition(), _table(), draws=120, seed=5)
    other = uncertainty(_definition(), _table(), draws=120, seed=6)
    assert first.rank_low.tolist() == second.rank_low.tolist()
    assert first.tenths.tolist() == second.tenths.tolist()
    assert first.rank_low.tolist() != other.rank_low.tolist()


@pytest.mark.parametrize("base", [Base.everyone(), _groups()], ids=["everyone", "groups"])
def test_ranks_in_a_file_and_columns_computed_again_give_the_same_answer(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = uncertainty(_definition(), _table(gaps=True), base, draws=60, also_in=(_groups(),))
    monkeypatch.setattr("exclusion_map.index.variants.KEPT", 0)
    monkeypatch.setattr("exclusion_map.index.kept_ranks.BLOCK", 60 * 7)
    monkeypatch.setattr(module, "CHUNK_BYTES", 1000)
    parts = uncertainty(
        _definition(),
        _table(gaps=True),
        base,
        draws=60,
        also_in=(_groups(),),
        memory=0,
        folder=tmp_path,
    )
    for name, expected in vars(whole).items():
        assert_array_equal(getattr(parts, name), expected, name)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with KeptRanks(10, 1000, np.uint32, memory=0, folder=tmp_path) as ranks:
        assert ranks._file is not None
        with Path("/dev/full").open("wb", buffering=0) as full:
            ranks._file.close()
            ranks._file = full  # type: ignore[assignment]
            with pytest.raises(OSError, match="No space left"):
                ranks.put(3, np.arange(1000))
    assert not list(tmp_path.iterdir())


def _many(count: int) -> ValueTable:
    rng = np.random.default_rng(6)
    return ValueTable(
        codes=np.array([f"A{at:06}" for at in range(count)]),
        indicators=("a", "b", "c", "d"),
        values=rng.random((count, 4)) * 100,
        population=rng.integers(500, 3000, count).astype(float),
        directions=(Direction.HIGHER_IS_RISKIER,) * 4,
    )


def test_more_areas_than_16_bits_can_name_have_ranks() -> None:
    table = _many(70_000)
    published = compose(_definition(), table)
    found = uncertainty(_definition(), table, doubts=CERTAIN, draws=3, memory=0)
    assert found.rank_low.max() == 70_000
    assert sorted(found.rank_low.tolist()) == list(range(1, 70_001))
    # float32, and areas that tie as published are ordered by place in a draw
    assert np.abs(found.rank_low - published.rank).max() <= 10
    assert np.mean(found.decile_low == published.decile) > 0.9999


@pytest.mark.parametrize("groups", [1, 3, 40_000], ids=["one", "packed", "sorted apart"])
def test_places_of_many_areas_are_those_of_a_plain_sort(groups: int) -> None:
    count = 70_000
    table, rng = _many(count), np.random.default_rng(9)
    group = np.arange(count, dtype=np.int32) % groups
    base = Base(group)
    built = variants(_definition(), table, (Base.everyone(),), CERTAIN)
    order = order_of(built, np.ones(count, dtype=bool), table.population, base)
    score = rng.permutation(count).astype(np.float32)
    rank, tenth = order.places(count), np.empty(count, np.uint8)
    Ranker(order).rank(score, rank, tenth)
    falling = np.lexsort((-score, group))
    expected = np.empty(count, dtype=int)
    sizes = np.bincount(group)
    expected[falling] = np.concatenate([np.arange(size) for size in sizes])
    assert (rank == expected).all()
    assert (np.bincount(group, weights=rank == 0) == 1).all()


def test_intervals_hold_the_published_rank_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    table = _table()
    found = uncertainty(
        _definition(), table, draws=120, on_progress=lambda done, of: told.append((done, of))
    )
    assert told[-1] == (120, 120)
    assert (found.rank_low <= found.rank_median).all()
    assert (found.rank_median <= found.rank_high).all()
    assert found.tenths.sum(axis=1) == pytest.approx(np.ones(N))
    people = (found.worst_tenth * table.population).sum() / table.population.sum()
    assert people == pytest.approx(0.1, abs=0.01)
    published = compose(_definition(), table).rank
    inside = (found.rank_low <= published) & (published <= found.rank_high)
    assert inside.mean() > 0.9


def test_more_doubt_makes_wider_intervals() -> None:
    calm = uncertainty(
        _definition(),
        _table(),
        doubts=CERTAIN.model_copy(update={"concentration": 500.0}),
        draws=200,
    )
    wild = uncertainty(
        _definition(),
        _table(),
        doubts=CERTAIN.model_copy(update={"concentration": 10.0}),
        draws=200,
    )
    assert (wild.rank_high - wild.rank_low).mean() > 2 * (calm.rank_high - calm.rank_low).mean()


def test_count_noise_to_first_order_is_that_of_counts_drawn_again() -> None:
    table, definition = _table(), _definition()
    doubts = CERTAIN.model_copy(update={"noise": CountNoise(disclosure_sd=0)})
    found = uncertainty(definition, table, doubts=doubts, draws=400)
    rng = np.random.default_rng(2)
    ranks = []
    for _ in range(400):
        counts = rng.binomial(1500, table.values / 100)
        ranks.append(compose(definition, replace(table, values=counts / 15)).rank)
    low, high = np.quantile(np.array(ranks), [0.05, 0.95], axis=0)
    exact, quick = high - low, found.rank_high - found.rank_low
    assert quick.mean() == pytest.approx(exact.mean(), rel=0.15)


def test_classes_follow_the_share_of_draws() -> None:
    share = np.zeros((5, 10), dtype=np.float32)
    share[0, 1] = 1
    share[1, 7] = 1
    share[2, 3] = 1
    share[3, [1, 3]] = 0.5
    assert module._robustness(share).tolist() == [
        Robustness.HIGH,
        Robustness.LOW,
        Robustness.MIDDLE,
        Robustness.DEPENDS,
        Robustness.NO_SCORE,
    ]


def test_copeland_has_no_draws() -> None:
    with pytest.raises(DefinitionError, match="Copeland"):
        uncertainty(_definition(aggregate={"method": "copeland"}), _table(), doubts=CERTAIN)


def _ishigami(x: np.ndarray) -> np.ndarray:
    angle = np.pi * (2 * x - 1)
    return np.asarray(
        np.sin(angle[..., 0])
        + 7 * np.sin(angle[..., 1]) ** 2
        + 0.1 * angle[..., 2] ** 4 * np.sin(angle[..., 0])
    )


def test_sobol_indices_of_a_function_whose_indices_are_known() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.random((2, 20_000, 3))
    mixed = []
    for factor in range(3):
        swapped = first.copy()
        swapped[:, factor] = second[:, factor]
        mixed.append(_ishigami(swapped))
    alone, total = sobol(_ishigami(first), _ishigami(second), np.array(mixed))
    # Ishigami and Homma (1990) with a = 7, b = 0.1
    assert alone == pytest.approx([0.3139, 0.4424, 0], abs=0.04)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.04)


def test_sobol_indices_equal_those_of_salib() -> None:
    analyze = pytest.importorskip("SALib.analyze.sobol", reason="SALib is not installed")
    rng = np.random.default_rng(4)
    n, factors = 4096, 3
    first, second = rng.random((2, n, factors))
    mixed = np.empty((factors, n))
    for factor in range(factors):
        swapped = first.copy()
        swapped[:, factor] = second[:, factor]
        mixed[factor] = _ishigami(swapped)
    a, b = _ishigami(first), _ishigami(second)
    theirs = np.column_stack([a, *mixed, b]).ravel()  # SALib's order: A, each AB, B
    problem = {"num_vars": factors, "names": list("xyz"), "bounds": [[0, 1]] * factors}
    expected = analyze.analyze(problem, theirs, calc_second_order=False, num_resamples=10, seed=1)
    alone, total = sobol(a, b, mixed)
    assert alone == pytest.approx(expected["S1"], abs=0.005)
    assert total == pytest.approx(expected["ST"], abs=0.005)


def test_what_is_not_doubted_drives_nothing() -> None:
    doubts = Doubts(aggregations=(), leave_out=0, noise=None)
    found = sensitivity(_definition(), _table(), doubts=doubts, samples=128)
    assert {effect.factor for effect in found.effects} == {"weights", "normalisation"}
    assert found.mean > 0
    one = sensitivity(_definition(), _table(), doubts=doubts, samples=32, area="A007")
    assert one.output == "rank of A007"
    with pytest.raises(InvalidRequestError, match="no choice that varies"):
        sensitivity(_definition(), _table(), doubts=CERTAIN)
    with pytest.raises(InvalidRequestError, match="no score"):
        sensitivity(_definition(), _table(), doubts=doubts, samples=4, area="nowhere")
