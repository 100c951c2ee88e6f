"""Points of files in areas: every form of input, what has no area, going on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.placing.memory import parse_bytes
from exclusion_map.placing.order import Placed, Reason
from exclusion_map.placing.run import PlaceOrder, Summary, place
from exclusion_map.terms import AreaKind

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


@pytest.fixture(scope="module")
def grids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grids")


MEMORY = 8_000_000_000
"""Bytes: this process holds what other tests have left in it, too."""


@pytest.fixture
def order(tmp_path: Path, grids: Path) -> PlaceOrder:
    return PlaceOrder(
        input=tmp_path / "points.parquet",
        output=tmp_path / "placed.parquet",
        grid_dir=grids,
        workers=2,
        part_rows=1_000,
        memory=MEMORY,
    )


def _points(edition: Edition, rows: int, seed: int = 3) -> pa.Table:
    """Return points all over the county and a little beyond its coast and borders."""
    west, south, east, north = edition.manifest.bounds
    random = np.random.default_rng(seed)
    margin = 0.03 * (east - west)
    return pa.table(
        {
            "person": [f"{number:07d}" for number in range(rows)],
            "latitude": random.uniform(south - margin, north + margin, rows),
            "longitude": random.uniform(west - margin, east + margin, rows),
        }
    )


def _run(edition: Edition, order: PlaceOrder) -> tuple[Summary, pa.Table]:
    summary = place(edition.folder, order, QUIET)
    table = (pacsv.read_csv if order.output.suffix == ".csv" else pq.read_table)(order.output)
    assert table.num_rows == summary.rows
    return summary, table


def _plain(table: pa.Table) -> Mapping[str, list[object]]:
    return {name: table.column(name).to_pylist() for name in table.column_names}


def test_points_bring_their_area_with_scores(edition: Edition, order: PlaceOrder) -> None:
    from exclusion_map.geography.placing import locate
    from exclusion_map.placing.outlines import read_outlines

    given = _points(edition, 4_000)
    pq.write_table(given, order.input, row_group_size=500)
    summary, table = _run(edition, replace(order, kinds=(AreaKind.WARD,)))
    x, y = (given.column(name).to_numpy() for name in ("longitude", "latitude"))
    truth = locate(x, y, read_outlines(edition.folder))
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    wards = edition.atlas.level(AreaKind.WARD).codes
    scores = edition.atlas.score_set(edition.manifest.default_index, AreaKind.SMALL_AREA)
    got = _plain(table)
    assert got["person"] == given.column("person").to_pylist()
    for row, area in enumerate(truth.area.tolist()):
        if area < 0:
            assert got["area_code"][row] is None
            assert got["score"][row] is None
            assert (got["placed"][row], got["reason"][row]) == (None, Reason.OUTSIDE.value)
            continue
        how = Placed.COAST if truth.nearest[row] else Placed.INSIDE
        assert got["area_code"][row] == small.codes[area]
        assert got["ward_code"][row] == wards[small.parents[AreaKind.WARD][area]]
        assert (got["placed"][row], got["reason"][row]) == (how.value, None)
        if not np.isnan(scores.score[area]):
            assert got["score"][row] == scores.score[area]
            assert got["decile"][row] == scores.decile[area]
    assert summary.parts == 4
    assert summary.outcomes[Reason.OUTSIDE.value] == int((truth.area < 0).sum())
    assert summary.outcomes[Placed.COAST.value] == int(truth.nearest.sum()) > 0
    about = json.loads(pq.read_schema(order.output).metadata[b"exclusion_map"])
    assert about["edition"] == edition.id
    assert not list(order.output.parent.glob("*.parts"))


def test_csv_keeps_text_as_it_was_and_says_why_a_row_has_no_area(
    edition: Edition, order: PlaceOrder
) -> None:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    x, y = small.longitude[0], small.latitude[0]
    order = replace(order, input=order.input.with_suffix(".csv"), part_rows=1)
    order = replace(order, output=order.output.with_suffix(".csv"))
    order.input.write_text(
        "id,Latitude,Longitude,note\n"
        f'007,{y},{x},"two\nlines, and a ""word"""\n'
        f"008,,{x},\n"
        f"009,north,{x},\n"
        f"010,{y}, +{x} ,blank beside it\n"
        "011,95,1,\n"
        "012,-89.5,170,\n"
    )
    summary, _ = _run(edition, order)
    table = pacsv.read_csv(
        order.output,
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(column_types={"id": pa.string()}),
    )
    got = _plain(table)
    assert got["id"] == ["007", "008", "009", "010", "011", "012"]
    assert got["note"][0] == 'two\nlines, and a "word"'
    assert got["area_code"][0] == got["area_code"][3] == small.codes[0]
    assert summary.outcomes == {
        Placed.INSIDE.value: 2,
        Reason.NO_COORDINATES.value: 1,
        Reason.NOT_A_NUMBER.value: 1,
        Reason.IMPOSSIBLE.value: 1,
        Reason.OUTSIDE.value: 1,
    }
    assert got["reason"][1] == Reason.NO_COORDINATES.value


def test_eastings_and_other_systems_give_the_same_areas(
    edition: Edition, order: PlaceOrder
) -> None:
    from pyproj import Transformer

    small = edition.atlas.level(AreaKind.SMALL_AREA)
    to_grid = Transformer.from_crs(4326, 27700, always_xy=True)
    to_web = Transformer.from_crs(4326, 3857, always_xy=True)
    east, north = to_grid.transform(small.longitude, small.latitude)
    pq.write_table(pa.table({"Easting": east, "Northing": north}), order.input)
    _, table = _run(edition, order)
    assert table.column("area_code").to_pylist() == list(small.codes)
    x, y = to_web.transform(small.longitude, small.latitude)
    pq.write_table(pa.table({"a": x, "b": y}), order.input)
    _, table = _run(edition, replace(order, x="a", y="b", crs="EPSG:3857", overwrite=True))
    assert table.column("area_code").to_pylist() == list(small.codes)


def test_postcodes_are_placed_as_the_edition_places_them(
    edition: Edition, order: PlaceOrder
) -> None:
    assert edition.postcodes is not None
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    with pa.memory_map(str(edition.folder / "postcodes.arrow")) as source:
        codes = pa.ipc.open_file(source).read_all().slice(0, 50).column("postcode").to_pylist()
    texts = [code.decode().strip() for code in codes]
    asked = [f" {text[:-3].lower()} {text[-3:]}" for text in texts]
    pq.write_table(pa.table({"postcode": [*asked, None, "", "hello", "ZZ99 9ZZ"]}), order.input)
    summary, table = _run(edition, order)
    truth = [edition.postcodes.find(text) for text in texts]
    expected = [small.codes[one.area] if one and one.area >= 0 else None for one in truth]
    assert table.column("area_code").to_pylist() == [*expected, None, None, None, None]
    assert table.column("reason").to_pylist()[-4:] == [
        Reason.NO_POSTCODE.value,
        Reason.NO_POSTCODE.value,
        Reason.NOT_A_POSTCODE.value,
        Reason.UNKNOWN_POSTCODE.value,
    ]
    assert summary.rows == 54


def test_without_compiled_code_answers_are_the_same(
    edition: Edition, order: PlaceOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(_points(edition, 1_000), order.input)
    _, compiled = _run(edition, order)
    monkeypatch.setattr("exclusion_map.placing.run.find_spec", lambda _: None)
    _, plain = _run(edition, replace(order, output=order.output.with_name("plain.parquet")))
    assert plain.equals(compiled)


def test_a_folder_of_files_gives_a_folder_of_parts(edition: Edition, order: PlaceOrder) -> None:
    given = order.input.with_name("days")
    given.mkdir()
    whole = _points(edition, 3_000)
    for number in range(3):
        pq.write_table(whole.slice(1_000 * number, 1_000), given / f"day-{number}.parquet")
    output = order.output.with_suffix("")
    place(edition.folder, replace(order, input=given, output=output, keep=("person",)), QUIET)
    parts = sorted(output.iterdir())
    assert [part.name for part in parts] == [f"part-{n:06d}.parquet" for n in range(3)]
    table = pa.concat_tables(pq.read_table(part) for part in parts)
    assert table.column("person").to_pylist() == whole.column("person").to_pylist()
    assert "latitude" not in table.column_names


def test_a_run_that_is_killed_leaves_nothing_half_and_goes_on(
    edition: Edition, order: PlaceOrder, sample_processed: Path
) -> None:
    pq.write_table(_points(edition, 60_000), order.input, row_group_size=1_000)
    order = replace(order, part_rows=1_000, coast_m=0)
    _, whole = _run(edition, order)
    order = replace(order, output=order.output.with_name("killed.parquet"))
    work = order.output.with_name("killed.parquet.parts")
    command = [
        *(sys.executable, "-m", "exclusion_map", "place", "--part-rows", "1000", "--workers", "2"),
        *("--input", str(order.input), "--output", str(order.output)),
        *(
            "--grid-dir",
            str(order.grid_dir),
            "--coast",
            "0",
            "--processed-dir",
            str(sample_processed),
        ),
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_parts(running, work / "parts", 5)
        os.kill(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.wait()
    assert not order.output.exists()
    done = json.loads((work / "done.json").read_text())["done"]
    assert 0 < len(done) < 60
    for part in (work / "parts").glob("part-*.parquet"):
        assert pq.read_metadata(part).num_rows == 1_000
    with pytest.raises(InvalidRequestError, match="another order"):
        place(edition.folder, replace(order, coast_m=100), QUIET)
    summary, table = _run(edition, order)
    assert summary.resumed == len(done)
    assert table.equals(whole)
    assert not work.exists()


def _wait_for_parts(running: subprocess.Popen[bytes], parts: Path, many: int) -> None:
    until = time.monotonic() + 180
    while len(list(parts.glob("part-*"))) < many:
        assert running.poll() is None, "it was over before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": "longitude"}, "both --x and --y"),
        ({"x": "lng", "y": "latitude"}, "no such column"),
        ({"postcode": "person", "x": "longitude", "y": "latitude"}, "one or the other"),
        ({"crs": "EPSG:999999"}, "one that is not known"),
        ({"index": "wealth"}, "no such index"),
        ({"keep": ("nobody",)}, "no such column"),
        ({"memory": 1_000_000}, "too little"),
        ({"input": Path("nowhere.parquet")}, "no such file"),
        ({"output": Path("placed.xlsx")}, ".xlsx"),
        ({"output": Path("/nowhere/placed.parquet")}, "no folder"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    edition: Edition, order: PlaceOrder, change: Mapping[str, object], said: str
) -> None:
    pq.write_table(_points(edition, 10), order.input)
    with pytest.raises(ExclusionMapError, match=said):
        place(edition.folder, replace(order, **change), QUIET)  # type: ignore[arg-type]
    assert not list(order.output.parent.glob("placed*"))


def test_columns_that_clash_need_a_prefix(edition: Edition, order: PlaceOrder) -> None:
    given = _points(edition, 10).append_column("score", pa.array(range(10)))
    pq.write_table(given, order.input)
    with pytest.raises(InvalidRequestError, match="--prefix"):
        place(edition.folder, order, QUIET)
    _, table = _run(edition, replace(order, prefix="risk_"))
    assert {"score", "risk_score", "risk_area_code"} <= set(table.column_names)
    with pytest.raises(InvalidRequestError, match="--overwrite"):
        place(edition.folder, order, QUIET)


def test_a_damaged_input_is_named(edition: Edition, order: PlaceOrder) -> None:
    pq.write_table(_points(edition, 5_000), order.input, row_group_size=1_000)
    raw = bytearray(order.input.read_bytes())
    raw[20_000:60_000] = bytes(40_000)
    order.input.write_bytes(bytes(raw))
    with pytest.raises(InvalidRequestError, match=r"input points\.parquet, part"):
        place(edition.folder, order, QUIET)
    assert not order.output.exists()


@pytest.mark.parametrize(
    ("text", "size"), [("1GB", 10**9), ("600 mb", 6 * 10**8), ("1.5GiB", 3 * 2**29), ("5", 5)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1GB", "0"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_bytes(text)
