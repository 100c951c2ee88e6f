"""The same rows on a cluster of separate worker processes, also when one of them is killed."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from exclusion_map.editions.manifest import read_manifest
from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.run import PlaceOrder, place

distributed = pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: the extra 'scale'"
)


QUIET = Console(quiet=True)
ROWS, PART = 80_000, 2_000

# What dask itself leaves open when its processes come and go is not what is tested here.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer for the cluster than people do: others may need this machine, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exclusion_map.placing.cluster._WAIT_S", 120)
        yield


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running


@pytest.fixture(scope="module")
def order(sample_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> PlaceOrder:
    folder = tmp_path_factory.mktemp("place")
    west, south, east, north = read_manifest(sample_edition).bounds
    random = np.random.default_rng(5)
    points = {
        "person": np.arange(ROWS),
        "latitude": random.uniform(south, north, ROWS),
        "longitude": random.uniform(west, east, ROWS),
    }
    pq.write_table(pa.table(points), folder / "points.parquet", row_group_size=PART)
    return PlaceOrder(
        input=folder / "points.parquet",
        output=folder / "here.parquet",
        grid_dir=folder / "grids",
        part_rows=PART,
        memory=8_000_000_000,  # this process holds what other tests have left in it, too
    )


@pytest.fixture(scope="module")
def here(sample_edition: Path, order: PlaceOrder) -> pa.Table:
    place(sample_edition, order, QUIET)
    return pq.read_table(order.output)


def test_a_cluster_gives_the_same_rows_as_one_process(
    sample_edition: Path, cluster: Any, order: PlaceOrder, here: pa.Table
) -> None:
    there = replace(
        order, output=order.output.with_name("there.parquet"), cluster=cluster.scheduler_address
    )
    summary = place(sample_edition, there, QUIET)
    assert pq.read_table(there.output).equals(here)
    assert (summary.rows, summary.parts, summary.resumed) == (ROWS, ROWS // PART, 0)


def test_a_worker_that_is_killed_costs_nothing_but_time(
    sample_edition: Path, cluster: Any, order: PlaceOrder, here: pa.Table
) -> None:
    output = order.output.with_name("killed.parquet")
    parts = output.with_name("killed.parquet.parts") / "parts"
    before = _workers(cluster)
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 180
        while not list(parts.glob("part-*")) and time.monotonic() < until:
            time.sleep(0.001)
        killed.append(len(list(parts.glob("part-*"))))
        os.kill(before[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = replace(order, output=output, cluster=cluster.scheduler_address)
    summary = place(sample_edition, there, QUIET)
    killer.join()
    assert 0 < killed[0] < ROWS // PART, "it was over before a worker could be killed"
    assert before[0] not in _workers(cluster)
    assert summary.rows == ROWS
    assert pq.read_table(output).equals(here)


def test_what_is_wrong_with_the_input_comes_back_as_it_is(
    sample_edition: Path, cluster: Any, order: PlaceOrder
) -> None:
    broken = order.input.with_name("broken.parquet")
    raw = bytearray(order.input.read_bytes())
    raw[20_000:90_000] = bytes(70_000)
    broken.write_bytes(bytes(raw))
    asked = replace(
        order,
        input=broken,
        output=order.output.with_name("broken-out.parquet"),
        cluster=cluster.scheduler_address,
    )
    with pytest.raises(InvalidRequestError, match=r"input broken\.parquet, part"):
        place(sample_edition, asked, QUIET)
    assert not asked.output.exists()


def test_a_cluster_that_is_not_there_is_told(
    sample_edition: Path, order: PlaceOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exclusion_map.placing.cluster._WAIT_S", 1)
    asked = replace(
        order, output=order.output.with_name("nobody.parquet"), cluster="tcp://127.0.0.1:9"
    )
    with pytest.raises(InvalidRequestError, match="no scheduler that answers"):
        place(sample_edition, asked, QUIET)


def _workers(cluster: Any) -> list[int]:
    """Return the process numbers of the workers."""
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
        return list(client.run(os.getpid).values())
