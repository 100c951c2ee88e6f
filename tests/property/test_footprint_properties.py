"""Whatever way a list is written, it means the same; and no sum tells a small count."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.editions.footprint import ground_of
from exclusion_map.editions.gazetteer import gazetteer_of
from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import UploadSettings
from exclusion_map.targeting.footprint import Basis, Served, Way
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.targeting.footprint.serving import Ground, serve

LIMITS = UploadSettings()
Write = Callable[[str], str]


@pytest.fixture(scope="module")
def ground(sample_edition: Path) -> Ground:
    edition = open_edition(sample_edition)
    return ground_of(edition, gazetteer_of(edition))


@pytest.fixture(scope="module")
def codes(ground: Ground) -> list[str]:
    index = ground.gazetteer.postcodes
    assert index is not None
    rows = np.arange(0, len(index), max(len(index) // 60, 1))
    area, _, _, _ = index.places_at(rows)
    held = index._codes[rows[area >= 0]]
    return [code.decode().strip() for code in held.tolist()]


def served(ground: Ground, data: bytes | str) -> Served:
    return serve(ground, read_listing(data, "list", LIMITS), name="x")


def spaced(code: str, how: int) -> str:
    middle = ("", " ", "  ", "\u00a0", "-")[how % 5]
    text = code[:-3] + middle + code[-3:]
    return (text.lower(), text, text.title(), f" {text} ", f'"{text}"')[how % 7 % 5]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    headed=st.booleans(),
    extra=st.booleans(),
)
def test_any_way_of_writing_a_list_means_the_same(
    ground: Ground,
    codes: list[str],
    seed: int,
    separator: str,
    ending: str,
    encoding: str,
    headed: bool,
    extra: bool,
) -> None:
    rng = random.Random(seed)
    chosen = [(rng.choice(codes), rng.randint(1, 40)) for _ in range(rng.randint(3, 30))]
    plain = served(ground, "postcode,count\n" + "\n".join(f"{c},{n}" for c, n in chosen))
    lines = [separator.join((["ref"] if extra else []) + ["Post Code", "Number of people"])]
    if not headed:
        lines, extra = [], False
    for code, number in chosen:
        cells = ([f"r{number}"] if extra else []) + [
            spaced(code, rng.randint(0, 99)),
            f" {number} ",
        ]
        lines.append(separator.join(cells))
        if rng.random() < 0.2:
            lines.append(rng.choice(["", "  ", separator]))
    found = served(ground, ending.join(lines).encode(encoding))
    assert found.basis is plain.basis is Basis.COUNTS
    assert found.people == pytest.approx(plain.people)
    assert found.matching.matched == {Way.POSTCODE: len(chosen)}
    assert not found.matching.unmatched


def test_rows_come_in_any_order(ground: Ground, codes: list[str]) -> None:
    lines = [f"{code},{at % 9 + 1}" for at, code in enumerate(codes)]
    forward = served(ground, "\n".join(lines))
    backward = served(ground, "\n".join(reversed(lines)))
    assert forward.people == pytest.approx(backward.people)
    assert forward.total == sum(at % 9 + 1 for at in range(len(codes)))


def test_people_of_lists_are_neither_lost_nor_made(ground: Ground, codes: list[str]) -> None:
    mixed = [*codes[:5], "rubbish", codes[0]]
    found = served(ground, "\n".join(mixed))
    assert found.basis is Basis.COUNTS
    assert found.total == 6
    assert found.matching.repeated == 1
    assert [one.number for one in found.matching.unmatched] == [6]
    area = ground.small.codes[0]
    wide = serve(ground, read_listing(f"code,n\n{area},12", "list", LIMITS), name="x")
    assert wide.total == pytest.approx(12)
    everyone = served(ground, area)
    assert everyone.basis is Basis.RESIDENTS
    assert everyone.total == pytest.approx(ground.people[0])


def test_all_postcodes_of_an_area_are_all_its_people(ground: Ground) -> None:
    index = ground.gazetteer.postcodes
    assert index is not None
    area, _, _, live = index.places_at(np.arange(len(index)))
    inside = np.flatnonzero((area == 0) & live)
    text = "\n".join(index._codes[at].decode() for at in inside.tolist())
    listing = read_listing(text, "list", LIMITS)
    found = serve(ground, listing, name="x", basis=Basis.RESIDENTS)
    assert found.total == pytest.approx(ground.people[0])
    half = "\n".join(index._codes[at].decode() for at in inside[: len(inside) // 2].tolist())
    part = serve(ground, read_listing(half, "list", LIMITS), name="x", basis=Basis.RESIDENTS)
    assert part.total == pytest.approx(ground.people[0] * (len(inside) // 2) / len(inside))


def test_a_catchment_grows_with_its_radius(ground: Ground) -> None:
    small = ground.small
    site = f"name,lat,lon\nHub,{small.latitude[0]},{small.longitude[0]}"
    listing = read_listing(site, "list", LIMITS)
    totals = [serve(ground, listing, name="x", radius=metres).total for metres in (500, 2e3, 1e5)]
    assert totals[0] < totals[1] < totals[2]
    assert totals[2] == pytest.approx(ground.people.sum())
    twice = read_listing(site + site.removeprefix("name,lat,lon"), "list", LIMITS)
    assert serve(ground, twice, name="x", radius=2e3).total == pytest.approx(totals[1])


def test_more_people_than_live_there_are_said_or_refused(ground: Ground, codes: list[str]) -> None:
    usual = served(ground, f"postcode,count\n{codes[0]},3\n")
    assert not any("more people than live there" in note for note in usual.matching.notes)
    many = served(ground, f"postcode,count\n{codes[0]},9000\n")
    said = [note for note in many.matching.notes if "more people than live there" in note]
    assert len(said) == 1
    assert said[0].startswith("In 1 small area ")
    with pytest.raises(InvalidRequestError, match="all who live in the areas of this edition"):
        served(ground, f"postcode,count\n{codes[0]},99000000\n")
