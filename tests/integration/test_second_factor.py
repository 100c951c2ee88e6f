"""The second factor in SQLite and in PostgreSQL: taken once, slow to guess, off for a reason."""

import time
from datetime import timedelta

import pyotp
import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, HalfSignedIn, Role, SignedIn
from exclusion_map.accounts.lockout import BY_ACCOUNT_SECOND, BY_BOTH
from exclusion_map.accounts.proving import WrongCodeError
from exclusion_map.accounts.second.store import APP, RECOVERY
from exclusion_map.accounts.second.waiting import WaitingOverError
from exclusion_map.accounts.tables import (
    KnownClient,
    RecoveryCode,
    SecondFactor,
    SignInWaiting,
)
from exclusion_map.database import Database, now
from exclusion_map.errors import ConflictError, InvalidRequestError, TooManyRequestsError
from exclusion_map.personal import delete_account, held_of
from exclusion_map.settings import AccountSettings

from .accounts_at_work import ELSEWHERE, EMAIL, HERE, OTHER, PASSWORD, at_once, join

KEYS = "the first secret of the settings here", "the second secret of the settings"


def app_of(accounts: Accounts, database: Database, actor: Actor) -> pyotp.TOTP:
    """The app on the phone of somebody whose key is in the database."""
    with database.reading() as session:
        kept = session.get_one(SecondFactor, actor.id).secret
    return pyotp.TOTP(accounts.second._sealing.open(kept, actor.id))


def set_up(accounts: Accounts, database: Database, actor: Actor) -> tuple[pyotp.TOTP, list[str]]:
    """Set it up as of two minutes ago, so that the codes of now were not used."""
    accounts.second.begin(actor)
    app, moment = app_of(accounts, database, actor), time.time() - 120
    with database.writing() as session:
        codes = accounts.second.confirm_in(session, actor, app.at(moment), moment)
    return app, codes


def half(accounts: Accounts, *, address: str = HERE, device: str = "") -> str:
    done = accounts.sign_in(EMAIL, PASSWORD, address=address, device=device)
    assert isinstance(done, HalfSignedIn)
    return done.waiting


def test_a_password_alone_does_not_sign_in_and_a_code_does_once(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    app, _ = set_up(accounts, database, actor)
    waits, code = half(accounts), app.now()
    assert accounts.sessions.find(waits) is None
    with database.reading() as session:
        assert not session.scalars(select(KnownClient)).all(), "a browser half in is not known"
    done = accounts.finish_sign_in(waits, code, address=HERE)
    known = accounts.sessions.find(done.session)
    assert known is not None
    assert known.account_id == actor.id
    # The browser that waited has nothing more, and the code is used up, here and elsewhere.
    with pytest.raises(WaitingOverError):
        accounts.finish_sign_in(waits, app.at(time.time() + 30), address=HERE)
    with pytest.raises(WrongCodeError):
        accounts.finish_sign_in(half(accounts), code, address=HERE)
    told = [one.what for one in accounts.audit.about(actor.id)]
    assert {"second factor set up", "second factor failed", "signed in"} <= set(told)


def test_codes_before_the_one_that_was_taken_are_refused(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    app, _ = set_up(accounts, database, actor)
    moment = 1_900_000_015.0
    assert accounts.second.accept(actor, app.at(moment), moment) == APP
    assert accounts.second.accept(actor, app.at(moment - 30), moment) == ""
    assert accounts.second.accept(actor, app.at(moment), moment + 30) == ""
    assert accounts.second.accept(actor, app.at(moment + 30), moment) == APP
    assert accounts.second.accept(actor, app.at(moment + 120), moment) == ""


def test_of_one_code_in_many_browsers_one_is_taken(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    app, codes = set_up(accounts, database, actor)
    for code in (app.now(), codes[0]):
        results = at_once(
            *(lambda code=code: accounts.second.accept(actor, code) for _ in range(6))
        )
        assert sorted(results).count("") == 5, results


def test_a_recovery_code_stands_in_once_and_is_kept_as_a_digest(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    _, codes = set_up(accounts, database, actor)
    assert len(set(codes)) == 10
    done = accounts.finish_sign_in(half(accounts), codes[3].upper(), address=HERE)
    assert accounts.sessions.find(done.session) is not None
    with pytest.raises(WrongCodeError):
        accounts.finish_sign_in(half(accounts), codes[3], address=HERE)
    assert accounts.second.standing(actor.id).recovery_left == 9
    with database.reading() as session:
        kept = session.scalars(select(RecoveryCode)).all()
    assert not {one.code_hash for one in kept} & {code.replace("-", "") for code in codes}
    fresh = accounts.second.renew_codes(actor)
    assert accounts.second.accept(actor, codes[4]) == ""
    assert accounts.second.accept(actor, fresh[4]) == RECOVERY


def test_a_recovery_code_of_somebody_else_is_none(accounts: Accounts, database: Database) -> None:
    actor, other = join(accounts), join(accounts, "kim@example.org")
    _, codes = set_up(accounts, database, actor)
    set_up(accounts, database, other)
    assert accounts.second.accept(other, codes[0]) == ""


def guess(accounts: Accounts, waits: str, address: str) -> None:
    with pytest.raises(WrongCodeError):
        accounts.finish_sign_in(waits, "not a code", address=address)


def test_guessing_codes_gets_slow_from_anywhere(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    app, _ = set_up(accounts, database, actor)
    waits = half(accounts)
    for number in range(BY_ACCOUNT_SECOND.free):
        guess(accounts, waits, f"198.51.100.{number}")
    # Who is right waits too: else the wait would tell a right guess from a wrong one.
    for code in ("not a code", app.now()):
        with pytest.raises(TooManyRequestsError):
            accounts.finish_sign_in(waits, code, address="203.0.113.9")


def test_a_right_password_does_not_wipe_off_guesses_at_the_code(
    accounts: Accounts, database: Database
) -> None:
    set_up(accounts, database, join(accounts))
    for number in range(BY_BOTH.free):
        guess(accounts, half(accounts, address=f"198.51.100.{number}"), HERE)
    with pytest.raises(TooManyRequestsError):
        accounts.finish_sign_in(half(accounts, address=ELSEWHERE), "not a code", address=HERE)


def test_a_wait_ends_with_its_time_and_with_what_was_shown(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    join(accounts, "boss@example.org")
    app, _ = set_up(accounts, database, actor)
    late = half(accounts)
    with database.writing() as session:
        session.execute(update(SignInWaiting).values(expires_at=now() - timedelta(seconds=1)))
    for waits, change in (
        (late, lambda: None),
        (half(accounts), lambda: accounts.people.set_role(COMMAND_LINE, actor.id, Role.VIEWER)),
        (half(accounts), lambda: accounts.people.set_password(actor, OTHER)),
    ):
        change()
        with pytest.raises(WaitingOverError):
            accounts.finish_sign_in(waits, app.now(), address=HERE)
    waits = accounts.sign_in(EMAIL, OTHER, address=HERE)
    accounts.people.set_state(COMMAND_LINE, actor.id, active=False)
    with pytest.raises(WaitingOverError):
        accounts.finish_sign_in(waits.waiting, app.now(), address=HERE)
    with pytest.raises(WaitingOverError):
        accounts.finish_sign_in("", app.now(), address=HERE)


def test_taking_it_into_use_ends_other_sessions_and_renews_this_one(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    one, other = (accounts.sign_in(EMAIL, PASSWORD, address=HERE).session for _ in range(2))
    mine = accounts.sessions.find(one).by
    accounts.second.begin(actor)
    with pytest.raises(InvalidRequestError):
        accounts.confirm_second_factor(actor, mine, "000000x", address=HERE)
    code = app_of(accounts, database, actor).now()
    fresh, _ = accounts.confirm_second_factor(actor, mine, code, address=HERE)
    assert [accounts.sessions.find(each) for each in (one, other)] == [None, None]
    assert accounts.sessions.find(fresh).by == mine
    with pytest.raises(ConflictError):
        accounts.second.begin(actor)
    assert accounts.second.pending(actor.id) == "", "a key in use is shown to nobody"
    off = accounts.drop_second_factor(actor, mine)
    assert accounts.sessions.find(fresh) is None
    assert accounts.sessions.find(off).by == mine
    assert isinstance(accounts.sign_in(EMAIL, PASSWORD, address=HERE), SignedIn)


def test_a_proof_needs_the_code_too(accounts: Accounts, database: Database) -> None:
    actor = join(accounts)
    app, _ = set_up(accounts, database, actor)
    done = accounts.finish_sign_in(half(accounts), app.now(), address=HERE)
    session = accounts.sessions.find(done.session).by
    with pytest.raises(WrongCodeError):
        accounts.prove(actor, session, PASSWORD, address=HERE)
    accounts.prove(actor, session, PASSWORD, app.at(time.time() + 30), address=HERE)


def test_keys_are_encrypted_and_a_new_secret_takes_over(database: Database) -> None:
    old, new = (
        Accounts(database, AccountSettings(secret_keys=SecretStr(keys)))
        for keys in (KEYS[0], f"{KEYS[1]},{KEYS[0]}")
    )
    actor = join(old)
    app, _ = set_up(old, database, actor)
    assert new.second.accept(actor, app.now()) == APP
    with database.reading() as session:
        assert app.secret not in session.get_one(SecondFactor, actor.id).secret
    later = time.time() + 30
    assert old.second.accept(actor, app.at(later), later) == "", "closed by the new secret now"
    assert new.second.accept(actor, app.at(later), later) == APP


def test_who_must_have_one_is_held_back_without_it(database: Database) -> None:
    free, strict = (
        Accounts(database, AccountSettings(second_factor=policy))
        for policy in ("offered", "moderator")
    )
    admin, viewer = join(free), join(free, "vi@example.org", Role.VIEWER)
    token = free.tokens.make(admin, "nightly", Role.ADMIN, 1)
    done = strict.sign_in(EMAIL, PASSWORD, address=HERE)
    assert strict.sessions.find(done.session).held_back
    assert strict.tokens.find(token).held_back
    assert not free.sessions.find(done.session).held_back
    seen = strict.sign_in("vi@example.org", PASSWORD, address=HERE)
    assert not strict.sessions.find(seen.session).held_back
    assert viewer.id != admin.id
    app, _ = set_up(strict, database, admin)
    assert not strict.sessions.find(done.session).held_back
    assert not strict.tokens.find(token).held_back
    strict.finish_sign_in(half(strict), app.now(), address=HERE)
    off = Accounts(database, AccountSettings(second_factor="off"))
    assert isinstance(off.sign_in(EMAIL, PASSWORD, address=HERE), HalfSignedIn)
    with pytest.raises(ConflictError, match="without second factors"):
        off.second.begin(viewer)


def test_a_reset_ends_sessions_and_is_in_the_log(accounts: Accounts, database: Database) -> None:
    boss, actor = join(accounts, "boss@example.org"), join(accounts)
    app, _ = set_up(accounts, database, actor)
    done = accounts.finish_sign_in(half(accounts), app.now(), address=HERE)
    accounts.second.take_off(boss, actor.id)
    assert accounts.sessions.find(done.session) is None
    assert accounts.audit.entries(limit=1)[0].what == "second factor reset"
    assert accounts.audit.entries(limit=1)[0].by == "Boss"
    assert isinstance(accounts.sign_in(EMAIL, PASSWORD, address=HERE), SignedIn)
    before = accounts.audit.count()
    accounts.second.take_off(boss, actor.id)
    assert accounts.audit.count() == before, "there was nothing to reset"


def test_what_is_handed_out_holds_no_secret_and_deletion_leaves_nothing(
    accounts: Accounts, database: Database
) -> None:
    join(accounts, "boss@example.org")
    actor = join(accounts)
    app, codes = set_up(accounts, database, actor)
    half(accounts)
    held = held_of(database, actor.id)
    assert held["second_factor"][0]["confirmed_at"]
    assert len(held["recovery_code"]) == 10
    text = str(held)
    with database.reading() as session:
        digests = [one.code_hash for one in session.scalars(select(RecoveryCode))]
    for secret in (app.secret, *codes, *digests, "plain:"):
        assert secret not in text
    delete_account(database, COMMAND_LINE, actor.id)
    with database.reading() as session:
        for table in (SecondFactor, RecoveryCode, SignInWaiting):
            assert not session.scalars(select(table)).all(), table
