"""Security keys in SQLite and in PostgreSQL: a signature counts once, here, for one person."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, HalfSignedIn, Role, SignedIn
from exclusion_map.accounts.passkeys.answers import Party, registered, said_in, signed
from exclusion_map.accounts.passkeys.challenges import Purpose
from exclusion_map.accounts.passkeys.store import MOST_KEYS, KeyAnswer
from exclusion_map.accounts.proving import WrongCodeError
from exclusion_map.accounts.secret import digest
from exclusion_map.accounts.tables import Passkey, PasskeyChallenge, RecoveryCode
from exclusion_map.database import Database, now
from exclusion_map.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TooManyRequestsError,
)
from exclusion_map.personal import delete_account, held_of
from exclusion_map.settings import AccountSettings
from tests.soft_key import MAY_SYNC, PRESENT, SoftKey, text_of

from .accounts_at_work import ELSEWHERE, EMAIL, HERE, PASSWORD, at_once, join
from .test_second_factor import set_up

HOST = Party("localhost", "http://localhost")
OTHER = "robin@example.org"


def begin_session(accounts: Accounts, actor: Actor) -> str:
    """Sign a browser of the actor's in; return the id of its session."""
    known = accounts.sessions.find(accounts.sessions.begin(actor.id, "Firefox"))
    assert known is not None
    return known.by


def register(
    accounts: Accounts, actor: Actor, key: SoftKey | None = None, name: str = "blue"
) -> tuple[SoftKey, list[str]]:
    key, session = key or SoftKey(), begin_session(accounts, actor)
    asked = accounts.passkeys.begin(actor, HOST, session)
    brought = KeyAnswer(key.create(asked), HOST, session)
    return key, accounts.register_key(actor, session, name, brought)[1]


def half(accounts: Accounts, email: str = EMAIL) -> str:
    done = accounts.sign_in(email, PASSWORD, address=HERE)
    assert isinstance(done, HalfSignedIn)
    return done.waiting


def asked_to_sign_in(accounts: Accounts, actor: Actor, waits: str) -> dict[str, object]:
    return accounts.passkeys.ask(actor.id, Purpose.SIGN_IN, HOST, digest(waits))


def finish(accounts: Accounts, waits: str, answer: str, party: Party = HOST) -> SignedIn:
    brought = KeyAnswer(answer, party, digest(waits))
    return accounts.finish_sign_in(waits, brought, address=HERE)


def count_of(accounts: Accounts, actor: Actor) -> int:
    return accounts.passkeys.listed(actor.id)[0].sign_count


def notes(accounts: Accounts, actor: Actor) -> list[str]:
    return [one.what for one in accounts.audit.about(actor.id)]


def test_a_key_signs_in_once_and_its_answer_no_second_time(accounts: Accounts) -> None:
    actor = join(accounts)
    key, codes = register(accounts, actor)
    assert len(codes) == 10
    assert isinstance(accounts.sign_in(EMAIL, PASSWORD, address=HERE), HalfSignedIn)
    waits = half(accounts)
    asked = asked_to_sign_in(accounts, actor, waits)
    assert asked["rpId"] == "localhost"
    assert asked["userVerification"] == "preferred"
    assert asked["allowCredentials"] == [
        {"id": text_of(key.identity), "type": "public-key", "transports": ["usb", "nfc"]}
    ]
    answer = key.get(asked)
    known = accounts.sessions.find(finish(accounts, waits, answer).session)
    assert known is not None
    assert known.account_id == actor.id
    again = half(accounts)
    with pytest.raises(WrongCodeError):
        finish(accounts, again, answer)
    [held] = accounts.passkeys.listed(actor.id)
    assert (held.sign_count, held.name, held.transports, held.synced) == (1, "blue", "usb,nfc", 0)
    assert held.used_at is not None
    entry = accounts.audit.about(actor.id)
    assert ("signed in", "with a key") in {(one.what, one.detail) for one in entry}
    assert ("second factor failed", "a key") in {(one.what, one.detail) for one in entry}


def test_a_new_key_is_asked_for_as_the_product_wants_it(accounts: Accounts) -> None:
    actor = join(accounts)
    key, _ = register(accounts, actor)
    asked = accounts.passkeys.begin(actor, HOST, "a session")
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["excludeCredentials"][0]["id"] == text_of(key.identity)
    assert EMAIL not in key.holder
    assert len(asked["challenge"]) == 43, "256 bits"


def test_what_is_not_right_is_refused(accounts: Accounts) -> None:
    actor, other = join(accounts), join(accounts, OTHER)
    key, _ = register(accounts, actor, SoftKey(count=5))
    theirs, _ = register(accounts, other)
    waits = half(accounts)
    finish(accounts, waits, key.get(asked_to_sign_in(accounts, actor, waits)))
    not_mine = asked_to_sign_in(accounts, other, half(accounts, OTHER))
    tries = {
        "origin": lambda asked: key.get(asked, origin="http://localhost.evil.example"),
        "host": lambda asked: replace(key, host="evil.example").get(asked),
        "challenge": lambda asked: key.get({**asked, "challenge": not_mine["challenge"]}),
        "kind": lambda asked: key.get(asked, type="webauthn.create"),
        "person": theirs.get,
        "holder": lambda asked: key.get(asked, holder=text_of(other.id.encode())),
        "secret": lambda asked: replace(key, secret=theirs.secret).get(asked),
        "absent": lambda asked: replace(key, flags=0).get(asked),
        "count": lambda asked: replace(key, steps=0, count=count_of(accounts, actor)).get(asked),
    }
    for what, wrong in tries.items():
        waits, before = half(accounts), count_of(accounts, actor)
        with pytest.raises(WrongCodeError):
            finish(accounts, waits, wrong(asked_to_sign_in(accounts, actor, waits)))
        assert count_of(accounts, actor) == before, what
        # With the right answer they come in all the same, and what failed is forgiven.
        finish(accounts, waits, key.get(asked_to_sign_in(accounts, actor, waits)))
    assert notes(accounts, actor).count("key refused, its counter went back") == 1
    [told] = [one.detail for one in accounts.audit.about(actor.id) if "counter" in one.what]
    assert told.endswith(f": {before} before, {before} now")


def test_a_challenge_ends_and_is_for_one_browser_and_purpose(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    key, _ = register(accounts, actor)
    mine, elsewhere = half(accounts), half(accounts)
    answer = key.get(asked_to_sign_in(accounts, actor, mine))
    with pytest.raises(WrongCodeError):
        finish(accounts, elsewhere, answer)
    assert finish(accounts, mine, answer).account_id == actor.id, "nobody used it up"
    waits = half(accounts)
    asked = accounts.passkeys.ask(actor.id, Purpose.PROVE, HOST, digest(waits))
    with pytest.raises(WrongCodeError):
        finish(accounts, waits, key.get(asked))
    asked = asked_to_sign_in(accounts, actor, waits)
    with database.writing() as session:
        session.execute(update(PasskeyChallenge).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(WrongCodeError):
        finish(accounts, waits, key.get(asked))
    asked_to_sign_in(accounts, actor, waits)
    with database.reading() as session:
        [left] = session.scalars(select(PasskeyChallenge)).all()
    assert left.expires_at > now(), "those that are over are cleared away"


def test_of_one_answer_in_two_browsers_at_once_one_is_taken(accounts: Accounts) -> None:
    actor = join(accounts)
    key, _ = register(accounts, actor)
    waits = half(accounts)
    answer = key.get(asked_to_sign_in(accounts, actor, waits))
    done = at_once(*[lambda: finish(accounts, waits, answer)] * 3)
    assert sum(isinstance(one, SignedIn) for one in done) == 1, done


def test_keys_that_do_not_count_are_taken(accounts: Accounts) -> None:
    actor = join(accounts)
    synced = SoftKey(steps=0, flags=PRESENT | MAY_SYNC)
    key, _ = register(accounts, actor, synced)
    for _ in range(2):
        waits = half(accounts)
        finish(accounts, waits, key.get(asked_to_sign_in(accounts, actor, waits)))
    assert accounts.passkeys.listed(actor.id)[0].synced


def test_guessing_gets_slow_as_with_codes(accounts: Accounts) -> None:
    actor = join(accounts)
    register(accounts, actor)
    waits = half(accounts)
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            finish(accounts, waits, "{}")
    with pytest.raises(TooManyRequestsError):
        finish(accounts, waits, "{}")


def test_codes_keys_and_recovery_codes_stand_beside_each_other(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    key, codes = register(accounts, actor)
    app, fresh = set_up(accounts, database, actor)
    waits = half(accounts)
    assert accounts.finish_sign_in(waits, app.now(), address=HERE).account_id == actor.id
    with pytest.raises(WrongCodeError):
        accounts.finish_sign_in(half(accounts), codes[0], address=HERE)
    assert accounts.finish_sign_in(half(accounts), fresh[0], address=HERE)
    session = begin_session(accounts, actor)
    accounts.drop_second_factor(actor, session)
    standing = accounts.second.standing(actor.id)
    assert (standing.since, standing.keys, standing.on, standing.recovery_left) == (
        *(None, 1, True),
        9,
    )
    accounts.prove(
        actor,
        session,
        PASSWORD,
        KeyAnswer(
            key.get(accounts.passkeys.ask(actor.id, Purpose.PROVE, HOST, session)), HOST, session
        ),
        address=HERE,
    )
    with pytest.raises(WrongCodeError):
        accounts.prove(actor, session, PASSWORD, address=ELSEWHERE)
    [held] = accounts.passkeys.listed(actor.id)
    secret = accounts.remove_key(actor, session, held.id)
    assert accounts.sessions.find(secret) is not None
    assert isinstance(accounts.sign_in(EMAIL, PASSWORD, address=HERE), SignedIn)
    with database.reading() as reading:
        assert not reading.scalars(select(RecoveryCode)).all(), "codes of nothing"
    assert {"key registered", "key removed"} <= set(notes(accounts, actor))


def test_the_first_key_ends_other_sessions_and_a_second_does_not(accounts: Accounts) -> None:
    actor = join(accounts)
    elsewhere = accounts.sessions.begin(actor.id, "Chrome")
    register(accounts, actor)
    assert accounts.sessions.find(elsewhere) is None
    elsewhere = accounts.sessions.begin(actor.id, "Chrome")
    assert register(accounts, actor, name="red")[1] == [], "the codes from before go on"
    assert accounts.sessions.find(elsewhere) is not None
    [blue, red] = accounts.passkeys.listed(actor.id)
    assert (blue.name, red.name) == ("blue", "red")
    accounts.remove_key(actor, begin_session(accounts, actor), red.id)
    assert accounts.sessions.find(elsewhere) is None
    assert accounts.second.standing(actor.id).recovery_left == 10


def test_a_key_meets_the_rule_of_a_role_and_an_admin_takes_it_off(database: Database) -> None:
    accounts = Accounts(database, AccountSettings(second_factor="moderator"))
    actor = join(accounts)
    secret = accounts.sessions.begin(actor.id, "Firefox")
    known = accounts.sessions.find(secret)
    assert known is not None
    assert known.held_back
    key = SoftKey()
    asked = accounts.passkeys.begin(actor, HOST, known.by)
    brought = KeyAnswer(key.create(asked), HOST, known.by)
    fresh, _ = accounts.register_key(actor, known.by, "blue", brought)
    assert accounts.sessions.find(secret) is None
    known = accounts.sessions.find(fresh)
    assert known is not None
    assert not known.held_back
    token = accounts.tokens.make(actor, "program", Role.ADMIN, 1)
    found = accounts.tokens.find(token)
    assert found is not None
    assert not found.held_back
    assert accounts.second.in_use() == {actor.id}
    accounts.second.take_off(COMMAND_LINE, actor.id)
    assert accounts.sessions.find(fresh) is None
    assert not accounts.second.standing(actor.id).on
    assert notes(accounts, actor)[0] == "second factor reset"


def test_what_cannot_be_registered(accounts: Accounts, database: Database) -> None:
    actor, other = join(accounts), join(accounts, OTHER)
    key, _ = register(accounts, actor)
    with pytest.raises(ConflictError, match="registered already"):
        register(accounts, other, key)
    session = begin_session(accounts, actor)
    asked = accounts.passkeys.begin(actor, HOST, session)
    for answer in (
        SoftKey().create(asked, origin="http://127.0.0.1"),
        SoftKey(host="127.0.0.1").create(asked),
        "",
        "x" * 30_000,
    ):
        with pytest.raises(InvalidRequestError, match="not right, or came too late"):
            accounts.register_key(actor, session, "x", KeyAnswer(answer, HOST, session))
        asked = accounts.passkeys.begin(actor, HOST, session)
    answer = SoftKey().create(asked)
    for name in ("", "   ", "x" * 101, "\u202e"):
        with pytest.raises(InvalidRequestError, match="name"):
            accounts.register_key(actor, session, name, KeyAnswer(answer, HOST, session))
    with pytest.raises(InvalidRequestError, match="not right"):
        # What another browser was asked.
        accounts.register_key(actor, session, "x", KeyAnswer(answer, HOST, "another session"))
    with database.writing() as writing:
        [mine] = writing.scalars(select(Passkey).where(Passkey.account_id == actor.id))
        kept = {column.name: getattr(mine, column.name) for column in Passkey.__table__.columns}
        for number in range(1, MOST_KEYS):
            writing.add(Passkey(**kept | {"id": f"k{number}", "credential_id": f"c{number}"}))
    with pytest.raises(ConflictError, match=f"at most {MOST_KEYS}"):
        accounts.passkeys.begin(actor, HOST, session)
    off = Accounts(database, AccountSettings(second_factor="off"))
    with pytest.raises(ConflictError, match="without second factors"):
        off.passkeys.begin(other, HOST, session)


def test_nobody_touches_the_keys_of_another(accounts: Accounts) -> None:
    actor, other = join(accounts), join(accounts, OTHER)
    register(accounts, actor)
    [held] = accounts.passkeys.listed(actor.id)
    with pytest.raises(NotFoundError):
        accounts.passkeys.rename(other, held.id, "mine")
    with pytest.raises(NotFoundError):
        accounts.remove_key(other, begin_session(accounts, other), held.id)
    with pytest.raises(NotFoundError):
        accounts.passkeys.ask(other.id, Purpose.SIGN_IN, HOST, "x")
    elsewhere = Party("map.example.org", "https://map.example.org")
    with pytest.raises(NotFoundError):
        accounts.passkeys.ask(actor.id, Purpose.SIGN_IN, elsewhere, "x")
    accounts.passkeys.rename(actor, held.id, "  work   laptop ")
    assert accounts.passkeys.listed(actor.id)[0].name == "work laptop"


def test_keys_are_handed_out_and_go_with_the_account(
    accounts: Accounts, database: Database
) -> None:
    actor = join(accounts)
    join(accounts, OTHER)
    register(accounts, actor)
    accounts.passkeys.begin(actor, HOST, "left behind")
    [told] = held_of(database, actor.id)["passkey"]
    assert (told["name"], told["rp_id"]) == ("blue", "localhost")
    delete_account(database, COMMAND_LINE, actor.id)
    with database.reading() as session:
        assert not session.scalars(select(Passkey)).all()
        assert not session.scalars(select(PasskeyChallenge)).all()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_answer_whatever_breaks_the_reading(data: st.DataObject) -> None:
    key, challenge = SoftKey(), bytes(32)
    asked = {"challenge": text_of(challenge), "user": {"id": text_of(b"a")}}
    made = key.create(asked)
    assert registered(made, HOST, challenge) is not None
    kept = registered(made, HOST, challenge)
    assert kept is not None
    held = Passkey(public_key=kept.public_key, credential_id=kept.credential)
    whole = json.loads(data.draw(st.sampled_from([made, key.get(asked)])))
    parts = whole if data.draw(st.booleans()) else whole["response"]
    name = data.draw(st.sampled_from(sorted(parts)))
    raw = data.draw(st.binary(max_size=200))
    odd = st.none() | st.integers() | st.text() | st.lists(st.integers(), max_size=2)
    parts[name] = data.draw(odd | st.just(text_of(raw)))
    answer = json.dumps(whole)
    said_in(answer)
    for found in (registered(answer, HOST, challenge), signed(answer, HOST, challenge, held)):
        assert found is None or name in ("type", "transports", "userHandle", "id", "response")
    assert said_in(data.draw(st.text())) is None
