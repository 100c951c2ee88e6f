"""Accounts on the command line."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from typer.testing import CliRunner, Result

from exclusion_map.accounts import Accounts, Actor, Role
from exclusion_map.cli import app
from exclusion_map.database import open_database
from exclusion_map.errors import (
    ConflictError,
    DatabaseError,
    ExclusionMapError,
    InvalidRequestError,
    NotFoundError,
)

PASSWORD = "plum kettle tractor violin"
EMAIL = "sam@example.org"


@pytest.fixture
def accounts(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", database_url)
    monkeypatch.setenv("EXCLUSION_MAP_BASE_URL", "https://map.example.org/")
    monkeypatch.setenv("COLUMNS", "200")
    database = open_database(database_url)
    yield Accounts(database)
    database.close()


def run(*words: str) -> str:
    result: Result = CliRunner().invoke(app, ["account", *words])
    if isinstance(result.exception, ExclusionMapError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def link_in(output: str) -> str:
    found = re.search(r"https://map\.example\.org/invitation#([\w-]{43})\n", output)
    assert found is not None, output
    assert "No mail is sent" in output
    return found[1]


def test_the_life_of_an_account(accounts: Accounts) -> None:
    secret = link_in(run("invite", EMAIL, "--role", "admin"))
    assert "invited" in run("list")
    account_id = accounts.invitations.accept(secret, "Sam [bold]Green", PASSWORD)
    listed = run("list")
    assert "Sam [bold]Green" in listed
    assert "admin" in listed
    with pytest.raises(ConflictError, match="last admin"):
        run("disable", EMAIL)
    with pytest.raises(ConflictError, match="last admin"):
        run("role", EMAIL, "viewer")
    accounts.invitations.accept(
        link_in(run("invite", "kim@example.org", "--role", "admin")), "Kim", PASSWORD
    )
    assert "moderator now" in run("role", EMAIL, "moderator")
    assert accounts.people.one(account_id).role == "moderator"
    run("disable", EMAIL)
    assert "disabled" in run("list")
    run("enable", EMAIL)
    accounts.invitations.accept(link_in(run("reset", EMAIL)), "", "seven quiet otters juggling")
    token = accounts.tokens.make(Actor(account_id, "Sam"), "nightly", Role.VIEWER, 5)
    identity = accounts.tokens.listed(account_id)[0].id
    told = run("tokens", EMAIL)
    assert identity in told
    assert token not in told
    run("revoke", EMAIL, identity)
    assert accounts.tokens.find(token) is None
    whos = {entry.by for entry in accounts.audit.entries()}
    assert "command line" in whos


def test_mistakes_are_told(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequestError, match="email address"):
        run("invite", "nobody")
    run("invite", EMAIL)
    with pytest.raises(NotFoundError):
        run("role", EMAIL, "viewer")
    with pytest.raises(NotFoundError):
        run("reset", "nobody@example.org")
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", "none")
    with pytest.raises(DatabaseError, match="database that holds accounts"):
        run("list")


def test_codes_are_taken_off_whose_phone_is_lost(accounts: Accounts) -> None:
    secret = link_in(run("invite", EMAIL, "--role", "admin"))
    actor = Actor(accounts.invitations.accept(secret, "Sam", PASSWORD), "Sam")
    assert "had no second factor" in run("reset-second-factor", EMAIL)
    accounts.second.begin(actor)
    app, moment = pyotp.TOTP(accounts.second.pending(actor.id)), time.time()
    with accounts._database.writing() as session:
        accounts.second.confirm_in(session, actor, app.at(moment), moment)
    assert "second factor" in run("list")
    assert "signs in with the password alone now" in run("reset-second-factor", EMAIL)
    assert accounts.second.standing(actor.id).since is None
    assert accounts.audit.entries(limit=1)[0].by == "command line"
