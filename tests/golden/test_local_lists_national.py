"""Food banks and post offices of Greater Manchester: the counts that their publisher has."""

from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from exclusion_map.database import open_database
from exclusion_map.directory.importing.local_lists import SOURCE, read_local
from exclusion_map.directory.importing.sources import sources_of
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.editions.reader import open_edition
from exclusion_map.settings import DataSettings
from pipelines.directory_lists import load_new_lists

pytestmark = pytest.mark.national


def test_every_place_is_read_and_placed(national_raw: Path, national_edition: Path) -> None:
    built = read_local(national_raw, geocoder_of(open_edition(national_edition)))
    assert built is not None
    # 171 food banks and 343 post offices are what the files have.
    assert Counter(key.partition(":")[0] for key in built.listings) == {
        "food_bank": 171,
        "post_office": 343,
    }
    assert built.rejected == built.not_placed == ()
    # All in the ten boroughs of Greater Manchester, whose small areas are in England.
    assert all((one.area_code or "").startswith("E01") for one in built.listings.values())
    assert all(53.3 < (one.latitude or 0) < 53.7 for one in built.listings.values())
    # Read by hand: 107 texts about hours are days and times and nothing else, 46 say more or less.
    hours = [one.offers[0].schedule for one in built.listings.values()]
    assert sum(week is not None for week in hours) == 107
    brass = built.listings["food_bank:brass-bolton:BL32HP"]
    offer = brass.offers[0]
    assert offer.schedule is not None
    assert offer.schedule["wed"] == [["10:00", "16:00"]]
    assert offer.schedule["thu"] == []
    assert (offer.email, offer.phone) == ("admin@brass-bolton.org.uk", "")


def test_the_first_start_loads_them_once(
    national_raw: Path,
    national_processed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = DataSettings(raw_dir=national_raw, processed_dir=national_processed)
    url = f"sqlite:///{tmp_path / 'map.db'}"
    console = Console(soft_wrap=True)
    load_new_lists(data, url, console)
    assert "514" in capsys.readouterr().out
    database = open_database(url)
    held = {one.source: one.places for one in sources_of(database)}
    database.close()
    assert held[SOURCE] == 514
    assert sum(held.values()) > 20_000
    load_new_lists(data, url, console)
    assert capsys.readouterr().out == ""
    load_new_lists(data, "none", console)
    assert capsys.readouterr().out == ""


def test_no_files_are_no_lists(tmp_path: Path, national_edition: Path) -> None:
    assert read_local(tmp_path, geocoder_of(open_edition(national_edition))) is None
