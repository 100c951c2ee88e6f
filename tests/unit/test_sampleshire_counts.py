"""The invented county's tables: they add up, agree with each other, and look like England."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.sampleshire import write_raw
from exclusion_map.sources import tables

AREAS = 320


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampleshire-counts") / "raw"
    write_raw(folder, areas=AREAS)
    return folder


@pytest.mark.parametrize(
    "table",
    [
        *("ts001", "ts011", "ts017", "ts029", "ts037", "ts038", "ts045", "ts054", "ts062"),
        *("ts065", "ts067", "ts068"),
    ],
)
def test_categories_add_up_to_their_total_at_every_depth(raw: Path, table: str) -> None:
    counts = tables.read_table(table, raw)
    assert len(counts) == AREAS
    assert (counts >= 0).all().all()
    topic = counts.columns[0].split(": ")[0]
    labels = {name: name.removeprefix(f"{topic}: ") for name in counts.columns}
    if table == "ts065":  # its categories share a first part that is no category itself
        labels = {name: label.split(": ")[-1] for name, label in labels.items()}
    total = next(name for name, label in labels.items() if label.startswith(("Total", "All usual")))
    rest = {name: label for name, label in labels.items() if name != total}
    top = [name for name, label in rest.items() if ": " not in label]
    assert (counts[top].sum(axis=1) == counts[total]).all()
    for name in top:
        parts = [other for other in rest if other.startswith(f"{name}: ")]
        if parts:
            assert (counts[parts].sum(axis=1) == counts[name]).all(), name


def test_tables_agree_with_each_other(raw: Path) -> None:
    read = {
        table: tables.read_table(table, raw)
        for table in (
            *("ts001", "ts017", "ts011", "ts029", "ts037", "ts038", "ts045", "ts054", "ts062"),
            *("ts065", "ts067", "ts068", "rm121"),
        )
    }
    total = {table: frame.iloc[:, 0] for table, frame in read.items()}
    everyone = total["ts001"]
    for table in ("ts037", "ts038", "rm121"):
        assert (total[table] == everyone).all(), table
    for table in ("ts011", "ts045", "ts054"):
        assert (total[table] == total["ts017"]).all(), table
    assert (total["ts062"] == total["ts067"]).all()
    ages = [everyone, total["ts029"], total["ts068"], total["ts062"]]
    for older, younger in zip(ages[1:], ages[:-1], strict=True):
        assert (older < younger).all()
    pensioners = read["rm121"].iloc[:, 1:].sum(axis=1)
    assert (pensioners < total["ts062"]).all()
    sizes = read["ts017"].iloc[:, 2:].to_numpy() @ np.arange(1, 9)
    in_households = read["ts001"].iloc[:, 1]
    assert (in_households >= sizes).all()
    assert (in_households - sizes <= 20).all()
    never = read["ts062"].filter(like="Never worked").iloc[:, 0]
    assert (total["ts065"] >= never).all()
    assert (total["ts065"] <= total["ts062"]).all()
    pupils = read["ts068"].iloc[:, 1] - read["ts062"].filter(like="students").iloc[:, 0]
    assert (pupils == total["ts068"] - total["ts062"]).all()
    assert everyone.between(1_000, 3_000).all()


def test_indicators_go_together_as_they_do_in_england(raw: Path) -> None:
    """Not to the second decimal: the signs, and which are strong, as in METHOD's national table."""
    ages, health = tables.read_table("rm121", raw), tables.read_table("ts038", raw)
    english, cars = tables.read_table("ts029", raw), tables.read_table("ts045", raw)
    skills, tenure = tables.read_table("ts067", raw), tables.read_table("ts054", raw)
    shares = pd.DataFrame(
        {
            "old": ages.iloc[:, 4:].sum(axis=1) / ages.iloc[:, 0],
            "disabled": health.iloc[:, 1] / health.iloc[:, 0],
            "english": english.iloc[:, 5:].sum(axis=1) / english.iloc[:, 0],
            "no_car": cars.iloc[:, 1] / cars.iloc[:, 0],
            "no_skills": skills.iloc[:, 1] / skills.iloc[:, 0],
            "social": tenure.iloc[:, 6] / tenure.iloc[:, 0],
        }
    )
    together = shares.rank().corr()
    assert together.loc["old", "english"] < -0.3
    assert together.loc["old", "no_car"] < -0.2
    assert together.loc["old", "disabled"] > 0.1
    assert together.loc["disabled", "no_skills"] > 0.4
    assert together.loc["no_car", "social"] > 0.4
    assert together.loc["english", "no_car"] > 0.3
    middle = shares.median()
    assert 0.05 < middle["old"] < 0.13
    assert 0.13 < middle["disabled"] < 0.22
    assert 0.12 < middle["no_skills"] < 0.25


def test_indices_of_deprivation_are_english_and_in_order(raw: Path) -> None:
    scores = tables.read_table("iod2025_file7", raw)
    under = tables.read_table("iod2025_file8", raw)
    assert scores.index.str.startswith("E").all()
    assert scores.index.equals(under.index)
    for name in scores.filter(like="Rank (where").columns:
        assert sorted(scores[name]) == list(range(1, len(scores) + 1)), name
        decile = scores[
            name.replace(" Rank (where 1 is most deprived)", "")
            + (" Decile (where 1 is most deprived 10% of LSOAs)")
        ]
        assert (decile == np.ceil(scores[name] * 10 / len(scores))).all(), name
    rate = scores["Income Score (rate)"]
    people = scores["Total population: mid 2022"]
    assert (under["income_domain_numerator"] - rate * people).abs().max() < 5
    small = under["income_deprivation_affecting_older_people_index_idaopi_numerator"]
    assert small.min() >= 10
    assert (small.dropna() % 5 == 0).all()
