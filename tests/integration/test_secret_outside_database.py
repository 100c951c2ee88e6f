"""The secret that passwords and keys of apps need and the database does not hold."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from exclusion_map.accounts import Accounts, SignedIn, passwords
from exclusion_map.accounts.keys import NO_KEYS, Keys, key_file_of, keys_of
from exclusion_map.accounts.tables import Account, SecondFactor
from exclusion_map.database import Database, now, open_database
from exclusion_map.database.backups import backup
from exclusion_map.database.migrate import upgrade
from exclusion_map.errors import DatabaseError, NotSignedInError
from exclusion_map.settings import AccountSettings

from .accounts_at_work import EMAIL, HERE, PASSWORD, at_once, join

ONE, OTHER = "the first secret of this service one", "the second secret of this service two"


def settings(keys: str = "", file: Path | None = None) -> AccountSettings:
    named = str(file) if file else ""
    return AccountSettings(secret_keys=SecretStr(keys), secret_key_file=named)


def kept_hash(database: Database) -> str:
    with database.reading() as session:
        return session.query(Account).filter_by(email=EMAIL).one().password_hash


@pytest.fixture
def own(tmp_path: Path) -> Database:
    database = open_database(f"sqlite:///{tmp_path / 'map.db'}")
    upgrade(database)
    return database


def test_a_password_is_known_by_its_secret_alone_and_follows_a_new_one(database: Database) -> None:
    bare = Accounts(database, settings(ONE))
    actor = join(bare)
    # As versions before kept it.
    with database.writing() as session:
        session.get_one(Account, actor.id).password_hash = passwords.hashed(PASSWORD)
    assert kept_hash(database).startswith("$argon2id$")
    assert isinstance(bare.sign_in(EMAIL, PASSWORD, address=HERE), SignedIn)
    peppered = kept_hash(database)
    assert peppered.startswith(f"k:{Keys([ONE]).newest}:$argon2id$")
    assert not passwords.verified(peppered.split(":", 2)[2], PASSWORD), "the hash alone is mute"
    with pytest.raises(NotSignedInError):
        Accounts(database, settings(OTHER)).sign_in(EMAIL, PASSWORD, address=HERE)
    both = Accounts(database, settings(f"{OTHER}, {ONE}"))
    assert isinstance(both.sign_in(EMAIL, PASSWORD, address=HERE), SignedIn)
    assert kept_hash(database).startswith(f"k:{Keys([OTHER]).newest}:")


def test_a_hash_of_a_secret_that_is_not_held_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = passwords.hashed(PASSWORD, Keys([ONE]))
    assert not passwords.verified(kept, PASSWORD, NO_KEYS)
    assert "EXCLUSION_MAP_SECRET_KEYS" in caplog.text
    assert ONE not in caplog.text
    assert passwords.outdated(kept, Keys([OTHER, ONE]))
    assert not passwords.outdated(kept, Keys([ONE]))


def test_a_key_file_is_made_once_beside_the_database_for_its_owner(own: Database) -> None:
    path = key_file_of(own)
    assert path is not None
    assert path.name == "map.db.key"
    found = at_once(*[lambda: keys_of(own, settings()).text] * 8)
    assert len(set(found)) == 1
    assert found[0] == path.read_text().strip()
    assert len(found[0]) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.parent.glob("*key*")) == [path], "nothing half made stays"


def test_a_backup_holds_no_key(own: Database, tmp_path: Path) -> None:
    accounts = Accounts(own, settings())
    join(accounts)
    out = tmp_path / "backup.zip"
    backup(own, out)
    key = key_file_of(own)
    assert key is not None
    assert key.read_text().strip().encode() not in out.read_bytes()


def test_a_key_file_that_went_missing_is_told_and_not_made_anew(own: Database) -> None:
    key = key_file_of(own)
    assert key is not None
    join(Accounts(own, settings()))
    key.unlink()
    with pytest.raises(DatabaseError, match=r"no file map\.db\.key"):
        Accounts(own, settings())
    assert not key.exists()


def test_a_key_file_that_cannot_be_is_refused(own: Database, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with pytest.raises(DatabaseError, match="EXCLUSION_MAP_SECRET_KEYS"):
        keys_of(own, settings(file=tmp_path / "plain" / "below.key"))
    short = tmp_path / "short.key"
    short.write_text("too short\n")
    short.chmod(0o600)
    with pytest.raises(DatabaseError, match="9 characters"):
        keys_of(own, settings(file=short))
    short.write_text("x" * 40)
    short.chmod(0o622)
    with pytest.raises(DatabaseError, match="others may write"):
        keys_of(own, settings(file=short))


def test_postgresql_has_no_place_of_its_own_for_a_key() -> None:
    # It is asked before anything is: no server is needed.
    database = open_database("postgresql://nobody@localhost/none")
    with pytest.raises(DatabaseError, match="EXCLUSION_MAP_SECRET_KEYS"):
        keys_of(database, settings())
    database.close()


def test_keys_that_were_readable_are_encrypted(database: Database) -> None:
    accounts = Accounts(database, settings(ONE))
    actor = join(accounts)
    with database.writing() as session:
        kept = SecondFactor(
            account_id=actor.id, secret="plain:JBSWY3DPEHPK3PXP", created_at=now(), last_step=0
        )
        session.add(kept)
    assert accounts.second.close_readable() == 1
    assert accounts.second.close_readable() == 0
    assert accounts.second.pending(actor.id) == "JBSWY3DPEHPK3PXP"
    with database.reading() as session:
        assert "JBSWY" not in session.get_one(SecondFactor, actor.id).secret
