"""PostgreSQL goes away, hangs and comes back while the service runs: what works, what waits."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.database import Database, open_database
from exclusion_map.database.limits import Limits
from exclusion_map.errors import DatabaseAwayError
from tests.own_postgres import OwnPostgres

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, bearer, csrf_of, sign_in
from .test_directory_service import HUB, added

EDITION_PAGES = (
    "/",
    "/areas/E01000003",
    "/api/v1/areas/E01000003",
    "/api/v1/search?q=ashford",
    "/help-anywhere",
    "/sign-in",
    "/healthz",
)


@pytest.fixture(scope="module")
def server(postgres_programs: Path) -> Iterator[OwnPostgres]:
    server = OwnPostgres(postgres_programs)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="module")
def client(tiny_processed: Path, server: OwnPostgres) -> Iterator[TestClient]:
    """A service on that server, with short limits; every test leaves the server running."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXCLUSION_MAP_DATABASE_CONNECT_TIMEOUT_S", "2")
        patch.setenv("EXCLUSION_MAP_DATABASE_STATEMENT_TIMEOUT_S", "0.5")
        with directory_client(tiny_processed, server.url) as made:
            yield made


def statuses(client: TestClient, paths: tuple[str, ...]) -> dict[str, int]:
    return {path: client.get(path, headers=PAGE).status_code for path in paths}


def expect_unavailable(answer: object) -> None:
    """Make sure that an answer says: not now, try again."""
    assert answer.status_code == 503, answer.text  # type: ignore[attr-defined]
    assert int(answer.headers["retry-after"]) > 0  # type: ignore[attr-defined]


def test_a_server_that_crashes_takes_nothing_along(client: TestClient, server: OwnPostgres) -> None:
    mo = sign_in(client, Role.MODERATOR)
    token, csrf = bearer(client, Role.CONTRIBUTOR), csrf_of(mo.client, "/account")
    identity, gone = added(client), added(client, HUB.model_copy(update={"name": "Closed"}))
    client.app.state.directory.remove(gone, version=1, by="bo")  # type: ignore[attr-defined]
    library = client.get("/api/v1/support/library:ashford").json()["id"]
    body = {"listing": HUB.model_copy(update={"name": "Yak Hub"}).to_json()}
    usual = statuses(client, EDITION_PAGES)
    assert set(usual.values()) == {200}
    expect_notice(client, identity, away=False)
    server.crash()
    try:
        assert statuses(client, EDITION_PAGES) == usual
        # The directory is looked at four times a second: until then nothing is known of the crash.
        until_answered(lambda: not editable(client))
        of_places(client, identity, gone, library)
        expect_notice(client, identity, away=True)
        form = {"csrf": csrf, "version": "1"}
        headers = {**PAGE, **FROM_US}
        page = mo.client.post(f"/support/{identity}/confirm", data=form, headers=headers)
        expect_unavailable(page)
        assert "<html" in page.text
        problem = client.post("/api/v1/support", json=body, headers=token)
        expect_unavailable(problem)
        assert problem.json()["type"].endswith("no-database")
        expect_unavailable(mo.get("/account"))
    finally:
        server.start()
    # The next request works, with the same session and token: pooled connections were cut off.
    assert mo.get("/account").status_code == 200
    assert client.post("/api/v1/support", json=body, headers=token).status_code == 201
    assert client.get(f"/support/{identity}").text.count("Use the side door.") == 1
    assert client.app.state.directory.get(identity).version == 1  # type: ignore[attr-defined]
    until_answered(lambda: editable(client))


def editable(client: TestClient) -> bool:
    return "cannot be added or corrected" not in client.get("/support?q=ashford").text


def of_places(client: TestClient, identity: str, gone: str, library: str) -> None:
    """Look at places while the database is away: as they were read last, and said so."""
    page = client.get("/support?q=ashford", headers=PAGE)
    assert page.status_code == 200
    assert "Ashford Library" in page.text
    assert "Places cannot be added or corrected at the moment" in page.text
    listed = client.get("/api/v1/support?area=E06000002").json()["features"]
    names = [one["properties"]["name"] for one in listed]
    assert "Zebra Community Hub" in names
    assert "Closed" not in names
    # Details of published places are those of the list; of others, what is remembered.
    assert "High Street" in client.get(f"/support/{library}").text
    hub = client.get(f"/support/{identity}", headers=PAGE)
    assert hub.status_code == 200
    assert "Zebra Community Hub" in hub.text
    assert client.get(f"/support/{gone}", headers=PAGE).status_code == 404
    expect_unavailable(client.get(f"/support/{identity}/history", headers=PAGE))
    csv = client.get("/api/v1/download/directory.csv")
    assert csv.status_code == 200
    assert "High Street" in csv.text
    assert client.get("/readyz").json()["directory"].startswith("read-only")


SHOW_PLACES = ("/areas/E01000003", "/areas/E06000002", "/support?q=ashford", "/gaps")


def expect_notice(client: TestClient, identity: str, *, away: bool) -> None:
    """Look whether pages and answers with places say that the directory is not there."""
    value = "remembered" if away else None
    for path in (*SHOW_PLACES, f"/support/{identity}", "/sheet/E01000003"):
        page = client.get(path, headers=PAGE)
        assert page.headers.get("exclusion-map-directory") == value, path
        assert ("The database of places does not answer now" in page.text) is away, path
    # What shows no place has nothing to say of them.
    method = client.get("/method", headers=PAGE)
    assert "exclusion-map-directory" not in method.headers
    assert "database of places" not in method.text
    place = f"/api/v1/support/{identity}"
    for path in (place, "/api/v1/support?area=E06000002", "/api/v1/access", "/api/v1/gaps"):
        answer = client.get(path)
        assert answer.headers.get("exclusion-map-directory") == value, path
        assert ("notice" in answer.json()) is away, path
    access = client.get("/api/v1/access?capacity=computers&kind=community_venue").json()
    # Computers that people stated are remembered where somebody asked for them before.
    supplied = [one["code"] for one in access["areas"] if one["per_10000"]]
    assert "E01000003" in supplied


def test_a_database_that_is_away_costs_few_lines(
    client: TestClient, server: OwnPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    mo = sign_in(client, Role.MODERATOR)
    server.crash()
    try:
        for _ in range(20):
            assert mo.get("/areas/E01000003").status_code == 200
            expect_unavailable(mo.get("/account"))
    finally:
        server.start()
    lines = [one for one in caplog.records if one.levelname == "ERROR"]
    assert len(lines) <= 4, [one.getMessage() for one in lines]
    assert not any(one.exc_info for one in lines)
    until_answered(lambda: editable(client))


def test_a_database_that_was_never_there_is_told_and_then_opened(
    tiny_processed: Path, server: OwnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.directory_service.TRY_AGAIN_S", 0.1)
    monkeypatch.setattr("api.app.LOOK_AGAIN_S", 0.1)
    server.crash()
    try:
        with directory_client(tiny_processed, server.url) as client:
            page = client.get("/areas/E01000003")
            assert "The database of places cannot be opened now" in page.text
            assert page.headers["exclusion-map-directory"] == "edition"
            server.start()
            until_answered(lambda: client.app.state.directory is not None)  # type: ignore[attr-defined]
            until_answered(lambda: "notice" not in client.get("/api/v1/gaps").json())
    finally:
        server.release()
        if not server.runs:
            server.start()


def test_a_server_that_hangs_holds_nothing_up_for_long(
    client: TestClient, server: OwnPostgres
) -> None:
    mo = sign_in(client, Role.MODERATOR)
    server.hold()
    try:
        assert client.get("/support?q=ashford", headers=PAGE).status_code == 200
        expect_unavailable(mo.get("/account"))
        assert set(statuses(client, EDITION_PAGES).values()) == {200}
    finally:
        server.release()
    until_answered(lambda: mo.get("/account").status_code == 200)
    until_answered(lambda: editable(client))


def test_while_a_database_hangs_nobody_else_waits_for_it(server: OwnPostgres) -> None:
    database = open_database(server.url, Limits(2, 0.5))
    ask(database)
    server.hold()
    try:
        with pytest.raises(DatabaseAwayError, match="ConnectionTimeout"):
            ask(database)
        with pytest.raises(DatabaseAwayError, match="no answer in time"):
            ask(database)
    finally:
        server.release()
    until_answered(lambda: not database._door.hangs)
    ask(database)
    database.close()


def ask(database: Database) -> None:
    with database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT 1").scalar_one() == 1


def until_answered(answered: Callable[[], bool]) -> None:
    """Wait for the look at a server that is back."""
    for _ in range(200):
        if answered():
            return
        time.sleep(0.05)
    pytest.fail("the database is back, and nobody noticed")


@pytest.mark.parametrize("wait", ["SELECT pg_sleep(30)", "LOCK TABLE location"])
def test_a_statement_has_an_end(server: OwnPostgres, client: TestClient, wait: str) -> None:
    database, other = open_database(server.url, Limits(2, 0.3)), open_database(server.url)
    with other.writing() as session:
        session.connection().exec_driver_sql("LOCK TABLE location")
        with pytest.raises(DatabaseAwayError), database.writing() as late:
            late.connection().exec_driver_sql(wait)
    with database.patient() as patient, patient.reading() as session:
        assert session.connection().exec_driver_sql("SELECT pg_sleep(0.5)").first()
    database.close()
    other.close()


def set_read_only(server: OwnPostgres, *, to: bool) -> None:
    """Let the server take no writes, as one that stands by; sessions begin anew."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE postgres SET default_transaction_read_only = {to}")
        end_others(connection)


def end_others(connection: "psycopg.Connection[object]") -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )


def test_a_server_that_only_stands_by_is_read_and_not_written(
    client: TestClient, server: OwnPostgres
) -> None:
    token, identity = bearer(client, Role.CONTRIBUTOR), added(client)
    mo = sign_in(client, Role.MODERATOR)
    csrf, usual = csrf_of(mo.client, "/account"), statuses(client, EDITION_PAGES)
    body = {"listing": HUB.model_copy(update={"name": "Stand-by Hub"}).to_json()}
    set_read_only(server, to=True)
    try:
        assert statuses(client, EDITION_PAGES) == usual
        for path in ("/", f"/support/{identity}", "/support?q=ashford"):
            assert mo.get(path).status_code == 200, path
        assert client.get(f"/support/{identity}/history", headers=PAGE).status_code == 200
        refused = client.post("/api/v1/support", json=body, headers=token)
        expect_unavailable(refused)
        assert "may only be read" in refused.text
        form = {"csrf": csrf, "version": "1"}
        headers = {**PAGE, **FROM_US}
        expect_unavailable(
            mo.client.post(f"/support/{identity}/confirm", data=form, headers=headers)
        )
    finally:
        set_read_only(server, to=False)
    assert client.post("/api/v1/support", json=body, headers=token).status_code == 201


def test_a_server_that_lets_nobody_else_in(client: TestClient, server: OwnPostgres) -> None:
    token, body = bearer(client, Role.CONTRIBUTOR), {"listing": HUB.to_json()}
    usual = statuses(client, EDITION_PAGES)
    with ExitStack() as held:
        with psycopg.connect(server.url, autocommit=True) as connection:
            end_others(connection)
        with suppress(psycopg.OperationalError):
            for _ in range(200):
                held.enter_context(psycopg.connect(server.url))
        assert statuses(client, EDITION_PAGES) == usual
        expect_unavailable(client.post("/api/v1/support", json=body, headers=token))
        assert client.get("/support?q=ashford").status_code == 200
    until_answered(lambda: editable(client))
    body = {"listing": HUB.model_copy(update={"name": "Crowded Hub"}).to_json()}
    assert client.post("/api/v1/support", json=body, headers=token).status_code == 201


@pytest.mark.parametrize("moment", ["between statements", "at the end"])
def test_a_server_that_crashes_in_the_middle_of_a_change(server: OwnPostgres, moment: str) -> None:
    database = open_database(server.url)

    def change() -> None:
        with database.writing() as session:
            session.execute(text("CREATE TABLE half_done (n integer)"))
            server.crash()
            if moment == "between statements":
                session.execute(text("INSERT INTO half_done VALUES (1)"))

    try:
        with pytest.raises(DatabaseAwayError, match="nothing was changed"):
            change()
    finally:
        server.start()
    with database.reading() as session:
        assert session.execute(text("SELECT to_regclass('half_done')")).scalar() is None
    database.close()


def test_a_change_that_rests_too_long_is_given_up(server: OwnPostgres) -> None:
    database = open_database(server.url)

    def rest() -> None:
        with database.writing() as session:
            session.execute(text("SET idle_in_transaction_session_timeout = 50"))
            session.execute(text("CREATE TABLE half_done (n integer)"))
            time.sleep(0.2)
            session.execute(text("INSERT INTO half_done VALUES (1)"))

    with pytest.raises(DatabaseAwayError, match="no patience"):
        rest()
    with database.reading() as session:
        assert session.execute(text("SELECT to_regclass('half_done')")).scalar() is None
    database.close()
