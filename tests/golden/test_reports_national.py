"""A report on Wirral against figures worked out another way from the edition's files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.reports.maker import ReportMaker
from exclusion_map.editions.reports.model import PlaceReport
from exclusion_map.editions.reports.opening import default_definition, report_maker

pytestmark = pytest.mark.national
WIRRAL = "E08000015"
EARTH_M, DETOUR = 6_371_008.8, 1.3


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


@pytest.fixture(scope="module")
def maker(edition: Edition) -> ReportMaker:
    return report_maker(edition, default_definition(edition))


@pytest.fixture(scope="module")
def wirral(maker: ReportMaker) -> PlaceReport:
    return maker.place(maker.subject(WIRRAL))


@pytest.fixture(scope="module")
def small(national_edition: Path) -> pd.DataFrame:
    columns = ["code", "local_authority_code", "neighbourhood_code", "population"]
    areas = pd.read_parquet(national_edition / "areas.parquet", columns=columns)
    scores = pd.read_parquet(national_edition / "scores.parquet")
    mine = scores[(scores["index"] == "exclusion") & (scores["kind"] == "small_area")]
    return areas.merge(mine, on="code", validate="one_to_one")


def test_score_people_and_tenths(wirral: PlaceReport, small: pd.DataFrame) -> None:
    inside = small[small["local_authority_code"] == WIRRAL]
    assert wirral.people.small_areas == len(inside) == 209
    assert wirral.people.population == inside["population"].sum()
    mean = np.average(inside["score"], weights=inside["population"])
    assert wirral.score.score == pytest.approx(mean)
    means = means_by(small, "local_authority_code")
    assert wirral.score.rank == int((means > mean + 1e-9).sum()) + 1
    people = inside.groupby("decile")["population"].sum()
    for tenth in wirral.people.tenths:
        assert tenth.people == pytest.approx(people.get(tenth.tenth, 0.0))
    assert wirral.people.lowest == pytest.approx(inside["score"].min())


def test_neighbourhoods_inside(wirral: PlaceReport, small: pd.DataFrame) -> None:
    inside = small[small["local_authority_code"] == WIRRAL]
    means = means_by(inside, "neighbourhood_code")
    assert wirral.inside is not None
    assert wirral.inside.total == len(means)
    worst = means.sort_values(ascending=False).head(10)
    assert [row.code for row in wirral.inside.rows] == worst.index.tolist()
    assert [row.score for row in wirral.inside.rows] == pytest.approx(worst.tolist())


def test_people_in_reach_of_a_library(
    wirral: PlaceReport, edition: Edition, small: pd.DataFrame, national_edition: Path
) -> None:
    places = pd.read_parquet(national_edition / "support.parquet")
    libraries = places[places["kind"] == "library"]
    assert edition.postcodes is not None
    longitude, latitude, area = edition.postcodes.in_use()
    rows = np.flatnonzero(small["local_authority_code"].to_numpy() == WIRRAL)
    near = libraries[
        libraries["longitude"].between(-3.6, -2.6) & libraries["latitude"].between(53, 53.8)
    ]
    mine = np.isin(area, rows)
    away = DETOUR * haversine(
        *(longitude[mine][:, None], latitude[mine][:, None]),
        *(near["longitude"].to_numpy(), near["latitude"].to_numpy()),
    ).min(axis=1)
    share = pd.Series(away <= 1_000).groupby(area[mine]).mean()[rows].to_numpy()
    people = small["population"].to_numpy()[rows]
    found = next(one for one in wirral.support.kinds if one.kind == "library")
    assert found.share == pytest.approx(np.average(share, weights=people), abs=0.002)
    high = np.isin(small["decile"].to_numpy()[rows], [1, 2])
    assert wirral.support.high_people == people[high].sum()
    assert wirral.support.high_beyond == pytest.approx((people * (1 - share))[high].sum(), rel=0.01)


def means_by(areas: pd.DataFrame, column: str) -> "pd.Series[float]":
    """Return mean scores weighted by people."""
    weighted = areas.assign(weighted=areas["score"] * areas["population"])
    sums = weighted.groupby(column)[["weighted", "population"]].sum()
    return sums["weighted"] / sums["population"]


def haversine(
    lon: np.ndarray, lat: np.ndarray, lon_to: np.ndarray, lat_to: np.ndarray
) -> np.ndarray:
    """Return great-circle distances in metres."""
    lon, lat, lon_to, lat_to = (
        np.radians(np.asarray(one, dtype=float)) for one in (lon, lat, lon_to, lat_to)
    )
    half = np.sin((lat_to - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(lat_to) * np.sin((lon_to - lon) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(half)))


def test_range_from_the_draws_one_by_one(
    maker: ReportMaker, wirral: PlaceReport, small: pd.DataFrame
) -> None:
    ranges = maker.ranges
    assert ranges is not None
    falling = np.sort(small["score"].dropna())[::-1]
    council = small["local_authority_code"].to_numpy()
    people = small["population"].to_numpy()
    frame = pd.DataFrame({"council": council, "people": people})
    scores, ranks = [], []
    for held in ranges.ranks[:40]:
        frame["score"] = falling[held.astype(int) - 1]
        frame["weighted"] = frame["score"] * frame["people"]
        sums = frame.groupby("council")[["weighted", "people"]].sum()
        means = sums["weighted"] / sums["people"]
        scores.append(means[WIRRAL])
        ranks.append(int(means.rank(ascending=False, method="min")[WIRRAL]))
    some = type(ranges)(ranges.atlas, ranges.ranks[:40], ranges.falling)
    subject = maker.subject(WIRRAL)
    assert subject.kind is not None
    found = some.of_area(subject.kind, subject.row, subject.rows)
    assert found is not None
    assert [found.score_low, found.score_high] == pytest.approx(np.quantile(scores, [0.05, 0.95]))
    assert [found.rank_low, found.rank_high] == [sorted(ranks)[1], sorted(ranks)[37]]
    low, score, high = wirral.score.score_low, wirral.score.score, wirral.score.score_high
    assert low is not None
    assert score is not None
    assert high is not None
    assert low < score < high


def test_the_estimate_is_the_published_one(wirral: PlaceReport, national_edition: Path) -> None:
    table = pd.read_parquet(national_edition / "estimate.parquet").set_index("code").loc[WIRRAL]
    assert wirral.people.estimate is not None
    assert wirral.people.estimate.households == pytest.approx(table["households"])
    assert wirral.people.estimate.households_low == pytest.approx(table["households_low"])


def test_the_country_hangs_together(maker: ReportMaker) -> None:
    # NHS Cheshire and Merseyside: each person in one tenth
    icb = maker.place(maker.subject("E54000008"))
    assert icb.people.population == pytest.approx(2_518_704)
    assert sum(one.people for one in icb.people.tenths) == pytest.approx(2_518_704)
    assert icb.score.ranked == 42
