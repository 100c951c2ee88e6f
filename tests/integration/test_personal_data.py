"""Taking out and deleting what is held of one person, on both databases."""

import json
import re

import pytest
from sqlalchemy import select

from exclusion_map.accounts import COMMAND_LINE, Accounts, Role
from exclusion_map.accounts.openid import Identity
from exclusion_map.accounts.tables import Account, Audit
from exclusion_map.database import Base, Database, open_database
from exclusion_map.directory import Directory, Listing
from exclusion_map.directory.tables import Change
from exclusion_map.errors import ConflictError, NotFoundError
from exclusion_map.personal import delete_account, held_of
from exclusion_map.personal.deletion import former_name
from exclusion_map.readiness import Readiness
from exclusion_map.readiness.links import Links
from exclusion_map.readiness.models import Access, Details, Scope

from .accounts_at_work import EMAIL, HERE, PASSWORD, join

KIM = "kim@example.org"


@pytest.fixture
def database(database_url: str) -> object:
    made = open_database(database_url)
    yield made
    made.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database)


def everything(database: Database, *but: str) -> str:
    with database.reading() as session:
        tables = [table for name, table in Base.metadata.tables.items() if name not in but]
        return json.dumps(
            [
                [str(value) for value in row]
                for one in tables
                for row in session.execute(select(one))
            ]
        )


def listing() -> Listing:
    return Listing(name="Town library", kind="library", latitude=52.0, longitude=-1.0)


def test_what_is_about_a_person_goes_and_what_they_did_stays(
    accounts: Accounts, database: Database
) -> None:
    admin, sam = join(accounts, KIM), join(accounts, EMAIL, Role.CONTRIBUTOR)
    accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    accounts.tokens.make(sam, "import", Role.VIEWER, 1)
    accounts.identities.bind(sam, Identity("https://id.example", "1"))
    accounts.people.rename(sam, "Sam Green")
    place = Directory(database).add(listing(), by="Sam").id
    Directory(database).confirm(place, by="Sam Green")
    readiness = Readiness(database)
    details = Details(title="Ours", scope=Scope.PLACE)
    readiness.make(sam, details, "First")
    left = delete_account(database, admin, sam.id)
    assert left.shared == ()
    rest = everything(database, "audit")
    for told in ("Sam", EMAIL, sam.id, "Ours"):
        assert not re.search(rf"\b{re.escape(told)}\b", rest)
    with database.reading() as session:
        assert set(session.scalars(select(Change.by))) == {left.name}
        assert session.scalar(select(Audit.what).order_by(Audit.number.desc())) == "account deleted"
        assert EMAIL not in str([one.__dict__ for one in session.scalars(select(Audit))])
    assert Directory(database).get(place).confirmed_by == former_name(sam.id)
    with pytest.raises(NotFoundError):
        delete_account(database, admin, sam.id)
    join(accounts, EMAIL, Role.VIEWER)  # The address is free again.


def test_the_last_admin_stays(accounts: Accounts, database: Database) -> None:
    admin = join(accounts, KIM)
    with pytest.raises(ConflictError, match="last admin"):
        delete_account(database, admin, admin.id)
    other = join(accounts, EMAIL)
    delete_account(database, other, admin.id)
    assert [one.email for one in accounts.people.all()] == [EMAIL]


def test_a_name_of_two_people_stays_where_it_stands(accounts: Accounts, database: Database) -> None:
    admin, sam = join(accounts, KIM), join(accounts, EMAIL, Role.CONTRIBUTOR)
    accounts.people.rename(admin, "Sam")
    Directory(database).add(listing(), by="Sam")
    assert held_of(database, sam.id)["names_of_others_too"] == ["Sam"]
    assert delete_account(database, admin, sam.id).shared == ("Sam",)
    with database.reading() as session:
        assert session.scalar(select(Change.by)) == "Sam"


def test_a_team_gets_another_owner(accounts: Accounts, database: Database) -> None:
    admin, sam = join(accounts, KIM), join(accounts, EMAIL, Role.CONTRIBUTOR)
    readiness = Readiness(database)
    identity = readiness.make(sam, Details(title="Ours", scope=Scope.PLACE), "First")
    links = Links(database)
    links.join(admin, links.invite(sam, identity, Access.EDIT, "Kim"))
    delete_account(database, sam, sam.id)
    assert readiness.get(admin.id, identity).access == Access.OWNER
    rest = everything(database, "audit")
    assert not re.search(r"\bSam\b", rest)


def test_everything_that_is_held_can_be_taken_out(accounts: Accounts, database: Database) -> None:
    sam = join(accounts)
    done = accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    token = accounts.tokens.make(sam, "import", Role.VIEWER, 1)
    place = Directory(database).add(listing(), by="Sam").id
    found = held_of(database, sam.id)
    text = json.dumps(found)
    assert found["account"]["email"] == EMAIL
    assert found["account"]["has_password"]
    assert found["names"] == ["Sam"]
    assert [one["name"] for one in found["api_token"]] == ["import"]
    assert [one["listing_id"] for one in found["done_by_name"]["change.by"]] == [place]
    assert "signed in" in text
    with database.reading() as session:
        kept = session.scalar(select(Account.password_hash))
    for secret in (done.session, token, kept):
        assert str(secret) not in text
    with pytest.raises(NotFoundError):
        held_of(database, COMMAND_LINE.id)
