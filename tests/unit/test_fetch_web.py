"""The HTTP client: what is refused outright, and how long it waits."""

import httpx2
import pytest

from exclusion_map.errors import FetchError
from exclusion_map.settings import FetchSettings
from exclusion_map.sources import web


def answer(address: str, *before: str, status: int = 200, wait: str = "") -> httpx2.Response:
    """An answer as the client hands it on, with the redirects that led to it."""

    def one(url: str, code: int) -> httpx2.Response:
        headers = {"Retry-After": wait} if wait else {}
        return httpx2.Response(code, headers=headers, request=httpx2.Request("GET", url))

    response = one(address, status)
    response.history = [one(step, 302) for step in before]
    return response


@pytest.mark.parametrize(
    "response",
    [
        answer("http://a.invalid/file", "https://a.invalid/file"),
        answer("https://b.invalid/file", "https://a.invalid/file", "http://a.invalid/x"),
    ],
)
def test_an_encrypted_address_never_leads_to_a_plain_one(response: httpx2.Response) -> None:
    with pytest.raises(FetchError, match=r"a redirect to http://a\.invalid"):
        web._judge(response, "file", "https://a.invalid/file")


@pytest.mark.parametrize("status", [200, 206, 304, 416])
def test_answers_to_work_with(status: int) -> None:
    web._judge(answer("https://a.invalid", status=status), "file", "https://a.invalid")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_answers_that_may_pass(status: int) -> None:
    with pytest.raises(web.Passing, match=f"HTTP {status}"):
        web._judge(answer("https://a.invalid", status=status), "file", "https://a.invalid")


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 501])
def test_answers_that_will_not_pass(status: int) -> None:
    with pytest.raises(FetchError, match=f"HTTP {status}"):
        web._judge(answer("https://a.invalid", status=status), "file", "https://a.invalid")


@pytest.mark.parametrize(
    ("asked", "waits"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)]
)
def test_the_wait_a_publisher_asks_for(asked: str, waits: float | None) -> None:
    with pytest.raises(web.Passing) as caught:
        web._judge(answer("https://a.invalid", status=503, wait=asked), "f", "https://a.invalid")
    assert caught.value.wait_s == waits


def test_waits_double_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    waits = iter([None, None, None, 3600.0])

    def never() -> None:
        raise web.Passing("HTTP 503", next(waits, None))

    settings = FetchSettings(fetch_attempts=10, fetch_backoff_s=0.5)
    with (
        web.Web(settings) as client,
        pytest.raises(FetchError, match=r"HTTP 503 \(10 tries\)"),
    ):
        client.retrying("file", never)
    assert slept == [0.5, 1.0, 2.0, 30.0, 8.0, 16.0, 30.0, 30.0, 30.0]
