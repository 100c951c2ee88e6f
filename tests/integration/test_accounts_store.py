"""Accounts in SQLite and in PostgreSQL, with several at work at once."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role
from exclusion_map.accounts.tables import (
    Account,
    AccountSession,
    ApiToken,
    Audit,
    Invitation,
    SignInAttempts,
)
from exclusion_map.accounts.tokens import MOST_TOKENS
from exclusion_map.database import Database, now
from exclusion_map.database.migrate import config, upgrade
from exclusion_map.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    NotSignedInError,
)

from .accounts_at_work import EMAIL, HERE, OTHER, PASSWORD, at_once, join


def test_invited_then_in_and_out(accounts: Accounts) -> None:
    secret = accounts.invitations.invite(COMMAND_LINE, "Sam@Example.org", Role.MODERATOR)
    assert accounts.invitations.find(secret).email == EMAIL
    account_id = accounts.invitations.accept(secret, "  Sam \n Green ", PASSWORD)
    with pytest.raises(NotFoundError):
        accounts.invitations.find(secret)
    done = accounts.sign_in("SAM@example.org", PASSWORD, address=HERE, client="Firefox on Linux")
    known = accounts.sessions.find(done.session)
    assert known is not None
    assert (known.account_id, known.name, known.role) == (account_id, "Sam Green", Role.MODERATOR)
    assert [one.client for one in accounts.sessions.listed(account_id)] == ["Firefox on Linux"]
    assert accounts.people.one(account_id).seen_at is not None
    accounts.sign_out(Actor(account_id, "Sam Green"), known.by)
    assert accounts.sessions.find(done.session) is None


def test_no_secret_is_in_the_database(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    invitation = accounts.invitations.invite(COMMAND_LINE, "kim@example.org", Role.VIEWER)
    token = accounts.tokens.make(actor, "import", Role.VIEWER, 1)
    done = accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    kept = ""
    with database.reading() as session:
        for table in (Account, Invitation, AccountSession, ApiToken, Audit, SignInAttempts):
            rows = session.execute(select(table.__table__)).all()
            kept += str(rows)
    for secret in (invitation, token, done.session, done.device, PASSWORD, HERE):
        assert secret not in kept


def test_one_answer_to_every_sign_in_that_fails(accounts: Accounts) -> None:
    actor, other = join(accounts), join(accounts, "kim@example.org")
    accounts.people.set_state(other, actor.id, active=False)
    messages = set()
    for email, password in ((EMAIL, PASSWORD), (EMAIL, "wrong"), ("nobody@example.org", PASSWORD)):
        with pytest.raises(NotSignedInError) as error:
            accounts.sign_in(email, password, address=HERE)
        messages.add(error.value.message)
    with pytest.raises(NotSignedInError) as error:
        accounts.sign_in("x" * 1000 + "@example.org", "y" * 5000, address=HERE)
    assert messages == {error.value.message}


def test_an_invitation_taken_twice_at_once_makes_one_account(accounts: Accounts) -> None:
    secret = accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.VIEWER)
    results = at_once(
        *(lambda: accounts.invitations.accept(secret, "Sam", PASSWORD) for _ in range(6))
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert all(isinstance(result, str | NotFoundError) for result in results)
    assert len(accounts.people.all()) == 1


def test_a_new_invitation_ends_the_earlier_one(accounts: Accounts) -> None:
    first = accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.VIEWER)
    second = accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.CONTRIBUTOR)
    with pytest.raises(NotFoundError):
        accounts.invitations.accept(first, "Sam", PASSWORD)
    waiting = accounts.invitations.waiting()
    assert [one.role for one in waiting] == ["contributor"]
    accounts.invitations.withdraw(COMMAND_LINE, waiting[0].id)
    with pytest.raises(NotFoundError):
        accounts.invitations.find(second)
    with pytest.raises(NotFoundError):
        accounts.invitations.withdraw(COMMAND_LINE, waiting[0].id)


def test_invitations_end_with_time(accounts: Accounts, database: Database) -> None:
    secret = accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.VIEWER)
    with database.writing() as session:
        session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(NotFoundError):
        accounts.invitations.accept(secret, "Sam", PASSWORD)
    for days in (0, 31):
        with pytest.raises(InvalidRequestError, match="days"):
            accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.VIEWER, days)
    join(accounts)
    with pytest.raises(ConflictError):
        accounts.invitations.invite(COMMAND_LINE, EMAIL, Role.VIEWER)


def test_sessions_end_by_idleness_by_age_and_with_the_account(
    accounts: Accounts, database: Database
) -> None:
    actor, admin = join(accounts, role=Role.VIEWER), join(accounts, "kim@example.org")

    def after(**fields: object) -> object:
        secret = accounts.sessions.begin(actor.id, "test")
        with database.writing() as session:
            session.execute(update(AccountSession).values(**fields))
        return accounts.sessions.find(secret)

    assert after(client="test") is not None
    assert after(used_at=now() - timedelta(minutes=29)) is not None
    assert after(used_at=now() - timedelta(minutes=31)) is None
    assert after(expires_at=now()) is None
    secret = accounts.sessions.begin(actor.id, "test")
    accounts.people.set_state(admin, actor.id, active=False)
    assert accounts.sessions.find(secret) is None
    accounts.people.set_state(admin, actor.id, active=True)
    assert accounts.sessions.find(secret) is None, "a session that ended does not come back"


def test_use_is_noted_at_most_once_a_minute(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    secret = accounts.sessions.begin(actor.id, "test")
    began = accounts.sessions.listed(actor.id)[0].used_at
    accounts.sessions.find(secret)
    assert accounts.sessions.listed(actor.id)[0].used_at == began
    with database.writing() as session:
        session.execute(update(AccountSession).values(used_at=now() - timedelta(minutes=2)))
    accounts.sessions.find(secret)
    assert accounts.sessions.listed(actor.id)[0].used_at >= began


def test_a_new_role_or_password_ends_every_session(accounts: Accounts) -> None:
    actor, admin = join(accounts, role=Role.VIEWER), join(accounts, "kim@example.org")
    first = accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    accounts.people.set_role(admin, actor.id, Role.MODERATOR)
    assert accounts.sessions.find(first.session) is None
    second = accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    with pytest.raises(NotSignedInError):
        accounts.change_password(actor, "wrong", OTHER, address=HERE)
    with pytest.raises(InvalidRequestError):
        accounts.change_password(actor, PASSWORD, "password1234", address=HERE)
    assert accounts.sessions.find(second.session) is not None
    third = accounts.change_password(actor, PASSWORD, OTHER, address=HERE)
    assert accounts.sessions.find(second.session) is None
    assert accounts.sessions.find(third.session) is not None
    accounts.sign_in(EMAIL, OTHER, address=HERE)
    secret = accounts.people.reset(admin, actor.id)
    accounts.invitations.accept(secret, "", PASSWORD)
    assert accounts.sessions.find(third.session) is None
    assert accounts.people.one(actor.id).name == "Sam"
    accounts.sign_in(EMAIL, PASSWORD, address=HERE)


def test_a_hash_of_old_costs_is_made_anew(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    old = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash(PASSWORD)
    with database.writing() as session:
        session.execute(update(Account).values(password_hash=old))
    accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    assert "m=256,t=1,p=1" in accounts.people.one(actor.id).password_hash
    accounts.sign_in(EMAIL, PASSWORD, address=HERE)


def test_tokens_act_with_the_lower_role_and_end(accounts: Accounts, database: Database) -> None:
    actor, admin = join(accounts, role=Role.MODERATOR), join(accounts, "kim@example.org")
    secret = accounts.tokens.make(actor, "import", Role.CONTRIBUTOR, 30)
    known = accounts.tokens.find(secret)
    assert known is not None
    assert (known.account_id, known.role) == (actor.id, Role.CONTRIBUTOR)
    accounts.people.set_role(admin, actor.id, Role.VIEWER)
    known = accounts.tokens.find(secret)
    assert known is not None
    assert known.role is Role.VIEWER, "a token is never above its account"
    accounts.people.set_state(admin, actor.id, active=False)
    assert accounts.tokens.find(secret) is None
    accounts.people.set_state(admin, actor.id, active=True)
    held = accounts.tokens.listed(actor.id)[0]
    assert held.used_at is not None
    with pytest.raises(NotFoundError):
        accounts.tokens.revoke(admin, admin.id, held.id)
    accounts.tokens.revoke(actor, actor.id, held.id)
    assert accounts.tokens.find(secret) is None
    assert accounts.tokens.listed(actor.id) == []
    ended = accounts.tokens.make(actor, "short", Role.VIEWER, 1)
    with database.writing() as session:
        session.execute(update(ApiToken).values(expires_at=now()))
    assert accounts.tokens.find(ended) is None
    assert accounts.tokens.find("emt_nonsense") is None


def test_tokens_that_cannot_be(accounts: Accounts) -> None:
    actor = join(accounts, role=Role.MODERATOR)
    viewer = Role.VIEWER
    wrong = [("", viewer, 1), ("x" * 101, viewer, 1), ("a", Role.ADMIN, 1), ("a", viewer, 366)]
    for name, role, days in wrong:
        with pytest.raises(InvalidRequestError):
            accounts.tokens.make(actor, name, role, days)
    for _ in range(MOST_TOKENS):
        accounts.tokens.make(actor, "a", viewer, 1)
    with pytest.raises(InvalidRequestError, match="at most 20"):
        accounts.tokens.make(actor, "a", viewer, 1)


def test_the_last_admin_stays(accounts: Accounts) -> None:
    actor = join(accounts)
    for take in (
        lambda: accounts.people.set_role(COMMAND_LINE, actor.id, Role.MODERATOR),
        lambda: accounts.people.set_state(COMMAND_LINE, actor.id, active=False),
    ):
        with pytest.raises(ConflictError, match="last admin"):
            take()
    stopped = join(accounts, "kim@example.org")
    accounts.people.set_state(actor, stopped.id, active=False)
    with pytest.raises(ConflictError, match="last admin"):
        accounts.people.set_role(actor, actor.id, Role.VIEWER)


def test_two_admins_who_remove_each_other_at_once_leave_one(accounts: Accounts) -> None:
    one, other = join(accounts), join(accounts, "kim@example.org")
    results = at_once(
        lambda: accounts.people.set_role(one, other.id, Role.VIEWER),
        lambda: accounts.people.set_state(other, one.id, active=False),
    )
    assert sum(isinstance(result, ConflictError) for result in results) == 1, results
    left = [a for a in accounts.people.all() if a.role == "admin" and a.state == "active"]
    assert len(left) == 1


def test_the_audit_log_tells_who_did_what_and_cannot_be_changed(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    accounts.sign_in(EMAIL, PASSWORD, address=HERE, request_id="r1")
    accounts.people.rename(actor, "Samantha")
    told = [(one.what, one.by, one.on) for one in accounts.audit.entries()]
    assert told == [
        ("name changed", "Sam", actor.id),
        ("signed in", "Sam", actor.id),
        ("invitation accepted", "Sam", actor.id),
        ("invited", "command line", ""),
    ]
    assert accounts.audit.entries()[1].request_id == "r1"
    assert [one.what for one in accounts.audit.entries(skip=1, limit=1)] == ["signed in"]
    for statement in ("UPDATE audit SET what = 'nothing'", "DELETE FROM audit"):
        with (
            pytest.raises(DBAPIError, match="only added to"),
            database.writing() as session,
        ):
            session.execute(text(statement))
    assert accounts.audit.count() == 4
    personal = str([(one.detail, one.what) for one in accounts.audit.entries()])
    assert "@" not in personal
    assert HERE not in personal


def test_what_fails_leaves_no_trace_in_the_audit_log(accounts: Accounts) -> None:
    actor = join(accounts)
    before = accounts.audit.count()
    with pytest.raises(ConflictError):
        accounts.people.set_role(actor, actor.id, Role.VIEWER)
    with pytest.raises(NotFoundError):
        accounts.tokens.revoke(actor, actor.id, "nothing")
    assert accounts.audit.count() == before


def test_the_tables_go_and_come_again(database: Database) -> None:
    from alembic import command

    join(Accounts(database))
    command.downgrade(config(database), "0001")
    upgrade(database)
    assert Accounts(database).people.all() == []


def test_who_reads_does_not_wait_for_a_long_write(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    secret = accounts.sessions.begin(actor.id, "test")
    token = accounts.tokens.make(actor, "x", Role.VIEWER, 1)
    with database.writing() as session:
        session.execute(update(AccountSession).values(used_at=now() - timedelta(minutes=5)))
    with database.writing() as session:
        # An import that takes its time, and holds the rows too.
        session.execute(update(Account).values(seen_at=now()))
        session.execute(update(AccountSession).values(client="held"))
        session.execute(update(ApiToken).values(name="held"))
        found = at_once(lambda: accounts.sessions.find(secret), lambda: accounts.tokens.find(token))
        assert [getattr(one, "account_id", one) for one in found] == [actor.id] * 2
    accounts.sessions.find(secret)
    assert now() - accounts.sessions.listed(actor.id)[0].used_at < timedelta(minutes=1)
