"""A snapshot that is patched says what a snapshot says that is read anew; on both databases."""

import random
from typing import Any

import numpy as np
import pytest

from exclusion_map.database import Database
from exclusion_map.directory import Directory, Listing, Offer, Provider
from exclusion_map.directory.snapshot import Snapshot, keys_of
from exclusion_map.directory.snapshot_patching import read_again
from exclusion_map.directory.snapshot_reading import read_snapshot


def said(snapshot: Snapshot) -> dict[str, Any]:
    """Return what a snapshot says by place, whatever the order of places."""
    sources = {row: key for key, row in snapshot.keys.items()}
    found: dict[str, Any] = {
        identity: (
            snapshot.names[row],
            snapshot.area_codes[row],
            str(snapshot.longitude[row]),
            str(snapshot.latitude[row]),
            int(snapshot.kind[row]),
            int(snapshot.access[row]),
            sources.get(row),
            [],
        )
        for row, identity in enumerate(snapshot.ids)
    }
    for at, identity in enumerate(snapshot.offer_ids):
        owner = int(snapshot.organization[at])
        spans = np.flatnonzero(snapshot.span_offer == at)
        found[snapshot.ids[snapshot.place[at]]][-1].append(
            (
                identity,
                snapshot.offer_names[at],
                int(snapshot.stated[at]),
                int(snapshot.usual[at]),
                int(snapshot.cost[at]),
                sorted(keys_of(int(snapshot.language[at]), snapshot.languages)),
                snapshot.ages[at].astype(str).tolist(),
                snapshot.organizations[owner] if owner >= 0 else None,
                sorted(zip(snapshot.opens[spans], snapshot.closes[spans], strict=True)),
            )
        )
    return found


def listing(number: int, dice: random.Random) -> Listing:
    days = dice.sample(["mon", "tue", "sat"], k=dice.randint(0, 3))
    offers = tuple(
        Offer(
            name=f"Service {at}",
            support={"free_wifi": dice.choice(["stated", "usual"])},
            cost=dice.choice(["free", "charge", "unknown"]),
            languages=tuple(dice.sample(["en", "pl", "cy", "so", "ur"], k=dice.randint(0, 3))),
            minimum_age=dice.choice([None, 16]),
            schedule={day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in days} or None,
        )
        for at in range(dice.randint(0, 3))
    )
    return Listing(
        name=f"{dice.choice('abcDEF')} place {number}",
        kind=dice.choice(["library", "charity"]),
        provider=Provider(name=dice.choice(["Ada", "Bo"])) if number % 2 else None,
        latitude=52.0 + number / 100 if number % 3 else None,
        longitude=-1.0 if number % 3 else None,
        accessibility=("lift",) if number % 5 else (),
        offers=offers,
    )


def test_patching_says_what_reading_anew_says(database: Database) -> None:
    dice = random.Random(5)
    directory = Directory(database)
    ids = [directory.add(listing(number, dice), by="ada").id for number in range(12)]
    with database.reading() as session:
        held = read_snapshot(session)
    for step in range(15):
        chosen = dice.choice(ids)
        version = directory.get(chosen, deleted=True).version
        gone = directory.get(chosen, deleted=True).deleted_at is not None
        if step % 5 == 0:
            ids.append(directory.add(listing(100 + step, dice), by="ada").id)
        if gone:
            directory.restore(chosen, by="ada")
        elif step % 4 == 0:
            directory.remove(chosen, version=version, by="ada")
        else:
            directory.change(chosen, listing(200 + step, dice), version=version, by="ada")
        if step % 3 == 0:
            continue  # Several changes at once.
        with database.reading() as session:
            held = read_again(session, held)
            whole = read_snapshot(session)
        assert held.generation == whole.generation
        assert said(held) == said(whole)
        assert sorted(held.organizations) == sorted(whole.organizations)
        assert np.all(np.diff(held.place) >= 0)
        lower = [name.lower() for name in held.names]
        assert lower == sorted(lower) or database.kind != "sqlite"


def test_nothing_is_read_where_nothing_changed(database: Database) -> None:
    with database.reading() as session:
        held = read_snapshot(session)
        assert read_again(session, held) is held


def test_many_changes_are_read_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exclusion_map.directory.snapshot_patching.FEW", 2)
    with database.reading() as session:
        held = read_snapshot(session)
    directory = Directory(database)
    for number in range(4):
        directory.add(listing(number, random.Random(number)), by="ada")
    with database.reading() as session:
        assert len(read_again(session, held)) == 4
