"""Pages that refuse a question: it stays as typed, and a link leads to the field to mend."""

import pytest
from fastapi.testclient import TestClient

HTML = {"accept": "text/html"}


def refused(client: TestClient, address: str, status: int) -> str:
    answer = client.get(address, headers=HTML)
    assert answer.status_code == status
    return answer.text


@pytest.mark.parametrize(
    ("address", "status", "field"),
    [
        ("/gaps?within=Sampleshyre+Towne&threshold=2000", 404, "within"),
        ("/gaps?open=sometime&threshold=2000", 422, "open"),
        ("/tools/siting?go=true&within=Nowhere&threshold=2000&k=7", 404, "within"),
        ("/tools/share?total=150&minimum=x", 422, "minimum"),
        ("/tools/share?total=150&within=Nowhere", 404, "within"),
        ("/tools/footprint?where={council}&compare=Nowhere", 404, "compare"),
        ("/sheet?postcode=ZZ99", 404, "postcode"),
    ],
)
def test_the_link_of_a_fault_leads_to_its_field(
    sample_client: TestClient, council: str, address: str, status: int, field: str
) -> None:
    html = refused(sample_client, address.format(council=council), status)
    assert "<title>Error: " in html
    assert f'<a href="#{field}">Change it</a>' in html
    assert f'id="{field}"' in html


def test_what_was_asked_besides_is_kept(sample_client: TestClient) -> None:
    html = refused(
        sample_client, "/tools/siting?go=true&within=Nowhere&threshold=2000&k=7&grid=500", 404
    )
    assert 'value="Nowhere"' in html
    assert 'value="7"' in html
    assert '<option value="2000" selected' in html
    assert '<option value="500" selected' in html
    assert 'value="ZZ99"' in refused(sample_client, "/sheet?postcode=ZZ99", 404)


def test_a_value_no_form_sends_leads_back_without_it(sample_client: TestClient) -> None:
    html = refused(sample_client, "/tools/siting?go=true&k=0&threshold=2000", 422)
    assert "k: found &#39;0&#39;; expected at least 1" in html
    assert 'href="/tools/siting?threshold=2000"' in html
    assert "for every parameter" not in html


def test_nobody_served_where_it_is_compared_is_said(sample_client: TestClient) -> None:
    codes = [one["code"] for one in sample_client.get("/api/v1/areas?kind=ward").json()["areas"]]
    html = refused(sample_client, f"/tools/footprint?where={codes[0]}&compare={codes[-1]}", 422)
    assert "found nobody in" in html
    assert "nan" not in html.casefold().split("<main")[1].split("</main")[0]


def test_without_scripts_a_link_to_a_place_leads_there(sample_client: TestClient) -> None:
    code = sample_client.get("/api/v1/areas?kind=ward").json()["areas"][0]["code"]
    assert f'See <a href="/areas/{code}">' in sample_client.get(f"/?area={code}").text
    assert "See <a" not in sample_client.get("/?area=X99").text
