"""Survey sites over Sampleshire: API, pages, packs and the command."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from exclusion_map.cli import app as command

DESIGN = "areas=12&strata=fifth&seed=7"


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


def rows_of(client: TestClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("method", ["systematic", "random", "balanced", "spread"])
def test_a_sample_adds_up(client: TestClient, method: str) -> None:
    answer = client.get(f"/api/v1/sample?{DESIGN}&method={method}").json()
    main = [one for one in answer["areas"] if one["role"] == "main"]
    reserves = [one for one in answer["areas"] if one["role"] == "reserve"]
    assert len(main) == 12
    assert sum(one["drawn"] for one in answer["strata"]) == 12
    assert not {one["code"] for one in main} & {one["code"] for one in reserves}
    by_stratum = {one["stratum"]: one["drawn"] for one in answer["strata"]}
    for name, drawn in by_stratum.items():
        assert sum(one["stratum"] == name for one in main) == drawn
        turns = [one["turn"] for one in reserves if one["stratum"] == name]
        assert turns == list(range(1, len(turns) + 1))
    # With chances in proportion to people, weighted people are those there are.
    people = sum(one["population"] for one in answer["strata"])
    told = sum(one["design_weight"] * one["population"] for one in main)
    assert told == pytest.approx(people)
    assert all(one["design_weight"] is None for one in reserves)
    assert any("no probability sample" in note for note in answer["notes"])


def test_the_same_seed_gives_the_same_bytes(client: TestClient) -> None:
    first, again, other = (
        client.get(f"/api/v1/sample?areas=12&seed={seed}&format=csv").text for seed in (7, 7, 8)
    )
    assert first == again != other


def test_the_tables_of_a_sample(client: TestClient) -> None:
    rows = rows_of(client, f"/api/v1/sample?{DESIGN}&format=csv")
    assert len(rows) == 24
    strata = rows_of(client, f"/api/v1/sample?{DESIGN}&format=csv&part=strata")
    assert sum(float(row["drawn"]) for row in strata) == 12
    groups = rows_of(client, f"/api/v1/sample?{DESIGN}&format=csv&part=composition")
    tenths = [row for row in groups if row["kind"] == "decile"]
    assert sum(float(row["population_share"]) for row in tenths) == pytest.approx(1)
    venues = rows_of(client, f"/api/v1/sample?{DESIGN}&format=csv&part=venues&near_m=20000")
    assert {row["area_code"] for row in venues} <= {row["code"] for row in rows}
    assert all(float(row["distance_m"]) <= 20_000 for row in venues)
    assert all(row["hours"] for row in venues)
    record = client.get(f"/api/v1/sample?{DESIGN}&part=record").json()
    assert record["design"]["seed"] == 7
    assert record["sample"]["areas"] == 12


def test_a_workbook_with_the_record_in_its_notes(client: TestClient) -> None:
    answer = client.get(f"/api/v1/sample?{DESIGN}&format=xlsx")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        texts = (
            book.read("xl/sharedStrings.xml").decode()
            if "xl/sharedStrings.xml" in (book.namelist())
            else "".join(book.read(name).decode() for name in book.namelist() if "sheet" in name)
        )
    assert "inclusion_probability" in texts
    assert "PCG64" in texts


def test_quotas_and_their_faults(client: TestClient) -> None:
    quotas = "&allocation=quotas&strata=rural&quotas="
    names = {
        one["stratum"] for one in client.get("/api/v1/sample?areas=4&strata=rural").json()["strata"]
    }
    name = min(names)
    answer = client.get(f"/api/v1/sample?{quotas[1:]}{name}%20=%203").json()
    assert {one["stratum"]: one["drawn"] for one in answer["strata"]}[name] == 3
    assert len([one for one in answer["areas"] if one["role"] == "main"]) == 3
    for bad in ("nowhere = 3", f"{name} = many", f"{name} = 999999", ""):
        assert client.get(f"/api/v1/sample?{quotas[1:]}{bad}").status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "areas=0", "areas=5000", "strata=nothing", "size=nothing", "method=best", "seed=-1",
        "strata=own", "distance_m=1000", "method=random&distance_m=90000", "sort=nothing",
        "method=balanced&balance=nothing", "within=Atlantis", "kind=pub&part=venues&format=csv",
        "unknown=1",
    ],
)  # fmt: skip
def test_bad_designs_get_a_clear_answer(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/sample?{query}")
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["detail"]


def test_areas_apart_say_that_chances_are_estimated(client: TestClient) -> None:
    answer = client.get("/api/v1/sample?areas=8&method=random&distance_m=2000").json()
    assert "estimated" in answer["record"]["probabilities"]
    assert any("not exact" in note for note in answer["notes"])
    main = [one for one in answer["areas"] if one["role"] == "main"]
    assert sum(one["inclusion_probability"] for one in main) > 0
    assert len(main) == 8


def test_a_column_of_ones_own(client: TestClient) -> None:
    areas = client.get("/api/v1/areas?kind=small_area&size=60").json()["areas"]
    lines = [f"{one['code']},{'east' if at % 2 else 'west'}" for at, one in enumerate(areas)]
    body = {"csv": "area_code,patch\n" + "\n".join(lines)}
    query = "areas=9&strata=own&allocation=equal"
    answer = client.post(f"/api/v1/sample?{query}", json=body)
    assert answer.status_code == 200, answer.text
    drawn = {one["stratum"]: one["drawn"] for one in answer.json()["strata"]}
    assert drawn == {"east": 3, "west": 3, "not known": 3}
    assert answer.headers["cache-control"] == "no-store"
    assert client.post(f"/api/v1/sample?{query}", json={"csv": "a,b\n1,2\n"}).status_code == 422

    form = {"strata": "own", "areas": "9", "allocation": "equal"}
    file = {"file": ("patches.csv", body["csv"], "text/csv")}
    page = client.post("/tools/sample", data=form, files=file)
    assert page.status_code == 200, page.text
    assert "Your file was used and not kept" in page.text
    again = {"strata.0": "own", "areas": "9", "allocation": "equal", "csv": body["csv"]}
    empty = {"file": ("", "", "text/csv")}
    sent = client.post("/tools/sample", data={**again, "download": "csv"}, files=empty)
    assert sent.status_code == 200
    assert sent.text.count("\r\n") == 19
    assert client.post("/tools/sample", data=form, files=empty).status_code == 422


def test_the_page_draws_and_links_to_itself(client: TestClient) -> None:
    empty = client.get("/tools/sample")
    assert empty.status_code == 200
    assert "Design the sample" in empty.text
    page = client.get(f"/tools/sample?go=true&{DESIGN}").text
    assert "12 small areas" in page
    assert "Words for your report" in page
    assert f"/api/v1/sample?{'areas=12'}" in page.replace("&amp;", "&")
    assert client.get(f"/tools/sample.svg?{DESIGN}").text.count("<circle") >= 12
    fault = client.get("/tools/sample?go=true&areas=12&strata=nothing")
    assert fault.status_code == 422
    assert "There is a problem with your design" in fault.text
    assert client.get("/tools/sample?go=true&within=Atlantis").status_code == 404


def test_a_pack_needs_nothing_but_itself(client: TestClient) -> None:
    code = rows_of(client, f"/api/v1/sample?{DESIGN}&format=csv")[0]["code"]
    shown = client.get(f"/tools/sample/site/{code}?near_m=20000")
    saved = client.get(f"/tools/sample/site/{code}?near_m=20000&download=true")
    assert "attachment" in saved.headers["content-disposition"]
    assert "style-src 'sha256-" in shown.headers["content-security-policy"]
    assert "Save this pack" in shown.text
    assert "Save this pack" not in saved.text
    assert "<svg" in saved.text
    assert "Only addresses in these" in saved.text
    few = client.get(f"/tools/sample/site/{code}?near_m=20000&kind=library&kind=charity")
    assert "No charities and advice services are listed within 20" in few.text
    assert "invented county" in saved.text
    for outside in ("href=", "src=", "<script", "@import", "url(http"):
        assert outside not in saved.text
    venues = client.get(f"/api/v1/sample/venues/{code}?near_m=20000").json()["venues"]
    assert venues
    assert all(one["name"].replace("&", "&amp;").split("'")[0] in saved.text for one in venues)
    ward = client.get("/api/v1/areas?kind=ward&size=1").json()["areas"][0]["code"]
    assert client.get(f"/tools/sample/site/{ward}").status_code == 422
    assert client.get("/tools/sample/site/nowhere").status_code == 404


def test_the_calculator(client: TestClient) -> None:
    found = client.get("/api/v1/sample/precision?areas=40&interviews=10&icc=0.05").json()
    assert found["design_effect"] == pytest.approx(1.45)
    assert found["half_width"] == pytest.approx(0.059, abs=1e-4)
    page = client.get("/tools/sample/precision?areas=40&interviews=10&icc=0.05").text
    assert "±5.9" in page
    assert client.get("/api/v1/sample/precision?areas=40&people=10").status_code == 422
    assert client.get("/tools/sample/precision?areas=40&people=10").status_code == 422


def test_the_command_draws_the_same_again(sample_processed: Path, tmp_path: Path) -> None:
    run = CliRunner()
    shared = ["sample", "--processed-dir", str(sample_processed)]
    design = ["--areas", "6", "--method", "random", "--strata", "fifth", "--seed", "3"]
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    record, joint, packs = tmp_path / "r.json", tmp_path / "joint.csv", tmp_path / "packs"
    told = [*shared, *design, "--out", str(first), "--record-out", str(record)]
    more = ["--joint", str(joint), "--packs", str(packs), "--reserves", "0"]
    done = run.invoke(command, [*told, *more])
    assert done.exit_code == 0, done.output
    assert len(list(packs.glob("*.html"))) == 6
    table = joint.read_text(encoding="utf-8").splitlines()
    assert len(table) == 7
    again = run.invoke(command, [*shared, "--record", str(record), "--out", str(second)])
    assert again.exit_code == 0, again.output
    assert first.read_bytes() == second.read_bytes()
    changed = json.loads(record.read_text(encoding="utf-8"))
    changed["sample"]["digest"] = "0"
    record.write_text(json.dumps(changed), encoding="utf-8")
    refused = run.invoke(command, [*shared, "--record", str(record)])
    assert "of the record" in str(refused.exception)
    spread = run.invoke(command, [*shared, "--method", "spread", "--joint", str(joint)])
    assert "for which they are not known" in str(spread.exception)
