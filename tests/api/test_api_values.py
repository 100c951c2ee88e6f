import gzip

import pytest
from starlette.testclient import TestClient

VALUES = "/api/v1/editions/tiny/values"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("small_area/risk.bin", [10, 8, 4, 1]),
        ("small_area/risk.bin?measure=decile", [10, 8, 4, 1]),
        ("small_area/risk.bin?measure=score", [0, 75, 175, 250]),
        ("local_authority/risk.bin", [6, 2]),
        ("local_authority/risk.bin?measure=score", [50, 218]),
    ],
)
def test_values_are_one_byte_an_area_in_feature_order(client, address, expected) -> None:
    answer = client.get(f"{VALUES}/{address}")
    assert list(answer.content) == expected
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["exclusion-map-count"] == str(len(expected))
    assert answer.headers["exclusion-map-edition"] == "tiny"
    assert "immutable" in answer.headers["cache-control"]


def test_values_are_compressed_once_and_plain_on_demand(client: TestClient) -> None:
    address = f"{VALUES}/small_area/risk.bin"
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert list(gzip.decompress(raw)) == [10, 8, 4, 1]
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert list(plain.content) == [10, 8, 4, 1]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/editions/older/values/small_area/risk.bin", 404),
        (f"{VALUES}/small_area/other.bin", 404),
        (f"{VALUES}/street/risk.bin", 422),
        (f"{VALUES}/small_area/risk.bin?measure=rank", 422),
        (f"{VALUES}/small_area/risk.bin?weights=1", 422),
    ],
)
def test_values_that_are_not_there(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.json()["expected"]
