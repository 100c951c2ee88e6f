"""One set of weights, one base: command, API, bytes and page hold the same tenth of every area."""

import csv
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions.reader import open_edition
from exclusion_map.terms import AreaKind

from .conftest import Site, Watched

pytestmark = pytest.mark.browser

WEIGHTS = "age:1,disability:6,socio_economic:3,household:0,connectivity:5,english:2"
# What MapLibre itself holds, area by area, not what our script remembers.
FEATURE_STATE = """kind => {
  const view = document.querySelector("[data-map]").mapView;
  const held = view.values.classes(kind);
  return [...held].map((_, id) =>
    view.map.getFeatureState({ source: "areas", sourceLayer: kind, id }).class ?? 0);
}"""
PAINTED = (
    "kind => document.querySelector('[data-map]')?.mapView?.values.classes(kind) !== undefined"
)


def by_command(processed: Path, out: Path, kind: AreaKind, base: str) -> dict[str, int]:
    options = ["--definition", "exclusion", "--weights", WEIGHTS, "--base", base]
    given = ["score", "--processed-dir", str(processed), "--level", kind.value, "--out", str(out)]
    result = CliRunner().invoke(app, [*given, *options])
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        return {row["code"]: int(row["decile"] or 0) for row in csv.DictReader(file)}


def by_api(base_url: str, kind: AreaKind, base: str) -> dict[str, int]:
    query = f"level={kind.value}&weights={WEIGHTS}&base={base}&format=csv"
    with urllib.request.urlopen(f"{base_url}/api/v1/scores?{query}") as answer:
        lines = answer.read().decode("utf-8-sig").splitlines()
    return {row["code"]: int(row["decile"] or 0) for row in csv.DictReader(lines)}


def by_bytes(base_url: str, edition: str, kind: AreaKind, base: str) -> list[int]:
    address = f"{base_url}/api/v1/editions/{edition}/values/{kind.value}/exclusion.bin"
    with urllib.request.urlopen(f"{address}?weights={WEIGHTS}&base={base}") as answer:
        return list(answer.read())


def by_page(watched: Watched, base_url: str, kind: AreaKind, base: str, place: str) -> list[int]:
    page = watched.open(f"{base_url}/?{place}&weights={WEIGHTS}&base={base}", map_ready=True)
    watched.until(PAINTED, kind.value)
    watched.map_ready()
    held: list[int] = page.evaluate(FEATURE_STATE, kind.value)
    return held


def compare(
    site: Site, processed: Path, watched: Watched, out: Path, kind: AreaKind, base: str, zoom: str
) -> int:
    folder = processed / "editions" / (processed / "current").read_text().strip()
    level = open_edition(folder).atlas.level(kind)
    middle = f"at={np.median(level.latitude):.3f},{np.median(level.longitude):.3f}&z={zoom}"
    command = by_command(processed, out, kind, base)
    expected = [command[code] for code in level.codes]
    assert len(set(expected)) >= 10
    api = by_api(site.base, kind, base)
    assert [api[code] for code in level.codes] == expected
    assert by_bytes(site.base, folder.name, kind, base) == expected
    assert by_page(watched, site.base, kind, base, middle) == expected
    assert watched.faults == []
    return len(expected)


def test_an_invented_county(
    sample_site: Site, sample_processed: Path, small_desktop: Watched, tmp_path: Path
) -> None:
    kind, out = AreaKind.SMALL_AREA, tmp_path / "out.csv"
    compare(sample_site, sample_processed, small_desktop, out, kind, "all", "11")


@pytest.mark.national
@pytest.mark.parametrize(
    ("kind", "base", "zoom", "count"),
    [
        (AreaKind.SMALL_AREA, "region", "10.5", 35_672),
        (AreaKind.LOCAL_AUTHORITY, "all", "5.5", 318),
    ],
)
def test_the_country(
    kind: AreaKind,
    base: str,
    zoom: str,
    count: int,
    national_site: Site,
    national_processed: Path,
    small_desktop: Watched,
    tmp_path: Path,
) -> None:
    found = compare(
        national_site, national_processed, small_desktop, tmp_path / "out.csv", kind, base, zoom
    )
    assert found == count
