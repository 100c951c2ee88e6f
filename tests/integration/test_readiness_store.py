"""Assessments in SQL: privacy, history, rounds, and people who write at the same time."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from typer.testing import CliRunner

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role
from exclusion_map.cli_readiness import app
from exclusion_map.database import Base, Database, now
from exclusion_map.errors import (
    ConflictError,
    ExclusionMapError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
)
from exclusion_map.readiness import Access, Answer, Details, Readiness, Scope, Teams, canvas
from exclusion_map.readiness.comparing import compare, tally
from exclusion_map.readiness.exporting import as_csv, as_json
from exclusion_map.readiness.tables import ReadinessInvitation
from exclusion_map.readiness.telling import title_of, told

FACTOR = "leadership"
DETAILS = Details(title="Wirral Place", scope=Scope.PLACE, area_code="E08000015")


class Cast:
    """Three people, and an assessment that the first one owns."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        self.database, self.accounts = database, accounts
        self.held, self.teams = Readiness(database), Teams(database)
        self.ann, self.bob = self.person("Ann", Role.VIEWER), self.person("Bob", Role.VIEWER)
        self.eve = self.person("Eve", Role.ADMIN)
        self.id = self.held.make(self.ann, DETAILS, "Autumn 2026")

    def person(self, name: str, role: Role) -> Actor:
        secret = self.accounts.invitations.invite(COMMAND_LINE, f"{name}@example.org", role)
        identity = self.accounts.invitations.accept(secret, name, "plum kettle tractor violin")
        return Actor(identity, name)

    def join(self, actor: Actor, access: Access) -> None:
        secret = self.teams.invite(self.ann, self.id, access, actor.name)
        self.teams.join(actor, secret)

    def rate(self, actor: Actor, rating: int | None, version: int, **more: Any) -> int:
        number, factor = more.pop("round_number", 1), more.pop("factor", FACTOR)
        said = Answer(rating=rating, **more)
        return self.held.answer(
            actor, self.id, factor, said, round_number=number, version=version
        ).version

    def audited(self) -> list[tuple[str, str, str]]:
        return [(one.by, one.what, one.on) for one in self.accounts.audit.entries()]


@pytest.fixture
def cast(database: Database, accounts: Accounts) -> Cast:
    return Cast(database, accounts)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run jobs in threads that begin together; return what each gave, or its error."""
    ready = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return job()
        except ExclusionMapError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_a_rating_is_kept_with_its_history(cast: Cast) -> None:
    assert cast.rate(cast.ann, 2, 1, evidence="A board paper", owner="Chief nurse") == 2
    assert cast.rate(cast.ann, 3, 2, evidence="Two board papers", owner="Chief nurse") == 3
    held = cast.held.get(cast.ann.id, cast.id).now.answers[FACTOR]
    assert (held.answer.rating, held.version, held.updated_by) == (3, 3, "Ann")
    assert held.answer.rated_on == now().date(), "a rating without a day is of today"
    newest, first, made = cast.held.history(cast.ann.id, cast.id)
    assert [one.action for one in (newest, first, made)] == ["answered", "answered", "made"]
    assert title_of(newest) == "Leadership"
    assert [(one.label, one.before, one.after) for one in told(newest)] == [
        ("Rating", "2 Starting", "3 In place"),
        ("Evidence", "A board paper", "Two board papers"),
    ]
    same = held.answer.model_copy()
    cast.held.answer(cast.ann, cast.id, FACTOR, same, round_number=1, version=3)
    assert cast.held.changes(cast.ann.id, cast.id) == 3, "saying the same again is no change"


def test_to_others_it_is_not_there_even_for_an_admin(cast: Cast) -> None:
    eve, here = cast.eve, cast.id
    held, teams = cast.held, cast.teams
    asked: list[Callable[[], Any]] = [
        lambda: held.get(eve.id, here),
        lambda: held.history(eve.id, here),
        lambda: held.changes(eve.id, here),
        lambda: held.note_export(eve, here, "csv"),
        lambda: held.change_details(eve, here, DETAILS, version=1),
        lambda: cast.rate(eve, 4, 1),
        lambda: held.start_round(eve, here, "Mine", after=1),
        lambda: held.take_round_back(eve, here, number=1),
        lambda: held.delete(eve, here, title=DETAILS.title),
        lambda: teams.members(eve.id, here),
        lambda: teams.waiting(eve.id, here),
        lambda: teams.invite(eve, here, Access.OWNER, "me"),
        lambda: teams.set_access(eve, here, cast.ann.id, Access.VIEW),
        lambda: teams.remove(eve, here, cast.ann.id),
        lambda: teams.remove(eve, here, eve.id),
        lambda: teams.withdraw(eve, here, "none"),
    ]
    found = []
    for ask in asked:
        with pytest.raises(NotFoundError) as caught:
            ask()
        found.append(caught.value.message)
    with pytest.raises(NotFoundError) as caught:
        held.get(eve.id, "not-there")
    assert set(found) == {caught.value.message}, "as if there were nothing"
    assert held.mine(eve.id) == []


def test_members_do_what_they_may_and_no_more(cast: Cast) -> None:
    cast.join(cast.bob, Access.VIEW)
    assert cast.held.get(cast.bob.id, cast.id).access is Access.VIEW
    for refused in (
        lambda: cast.rate(cast.bob, 4, 1),
        lambda: cast.held.start_round(cast.bob, cast.id, "Next", after=1),
        lambda: cast.held.change_details(cast.bob, cast.id, DETAILS, version=1),
        lambda: cast.held.delete(cast.bob, cast.id, title=DETAILS.title),
        lambda: cast.teams.invite(cast.bob, cast.id, Access.VIEW, "Eve"),
        lambda: cast.teams.remove(cast.bob, cast.id, cast.ann.id),
    ):
        with pytest.raises(ForbiddenError):
            refused()
    cast.teams.set_access(cast.ann, cast.id, cast.bob.id, Access.EDIT)
    assert cast.rate(cast.bob, 2, 1) == 2
    with pytest.raises(ForbiddenError):
        cast.held.delete(cast.bob, cast.id, title=DETAILS.title)
    cast.teams.remove(cast.ann, cast.id, cast.bob.id)
    with pytest.raises(NotFoundError):
        cast.rate(cast.bob, 3, 2)


def test_links_work_once_and_end(cast: Cast) -> None:
    secret = cast.teams.invite(cast.ann, cast.id, Access.EDIT, "Bob")
    assert cast.teams.find(secret).title == DETAILS.title
    with cast.database.reading() as session:
        kept = session.scalars(select(ReadinessInvitation.token_hash)).all()
    assert secret not in str(kept), "only the digest is kept"
    results = at_once([lambda: cast.teams.join(cast.bob, secret)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["NotFoundError", "str"]
    withdrawn = cast.teams.invite(cast.ann, cast.id, Access.EDIT, "Eve")
    (waits,) = cast.teams.waiting(cast.ann.id, cast.id)
    cast.teams.withdraw(cast.ann, cast.id, waits.id)
    old = cast.teams.invite(cast.ann, cast.id, Access.EDIT, "Eve")
    with cast.database.writing() as session:
        for one in session.scalars(select(ReadinessInvitation)):
            one.expires_at = now() - timedelta(seconds=1)
    for gone in (secret, withdrawn, old, "made-up"):
        with pytest.raises(NotFoundError):
            cast.teams.join(cast.eve, gone)


def test_there_is_always_an_owner_and_one_who_goes_leaves_no_way_in(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="last owner"):
        cast.teams.remove(cast.ann, cast.id, cast.ann.id)
    with pytest.raises(ConflictError, match="last owner"):
        cast.teams.set_access(cast.ann, cast.id, cast.ann.id, Access.EDIT)
    cast.join(cast.bob, Access.OWNER)
    spare = cast.teams.invite(cast.bob, cast.id, Access.OWNER, "myself, later")
    results = at_once(
        [
            lambda: cast.teams.remove(cast.ann, cast.id, cast.bob.id),
            lambda: cast.teams.remove(cast.bob, cast.id, cast.ann.id),
        ]
    )
    assert sum(isinstance(one, NotFoundError) for one in results) == 1, "the other is out already"
    left = cast.ann if results[0] is None else cast.bob
    assert [one.account_id for one in cast.teams.members(left.id, cast.id)] == [left.id]
    with pytest.raises(NotFoundError):
        cast.teams.join(cast.eve, spare)
    cast.teams.hand_over(COMMAND_LINE, cast.id, cast.eve.id)
    assert cast.held.get(cast.eve.id, cast.id).access is Access.OWNER


def test_of_two_who_save_the_same_factor_one_is_told(cast: Cast) -> None:
    cast.join(cast.bob, Access.EDIT)
    results = at_once(
        [
            lambda: cast.rate(cast.ann, 2, 1, evidence="Ann's"),
            lambda: cast.rate(cast.bob, 3, 1, evidence="Bob's"),
        ]
    )
    assert sorted(type(one).__name__ for one in results) == ["ConflictError", "int"]
    winner = "Ann" if results[0] == 2 else "Bob"
    held = cast.held.get(cast.ann.id, cast.id).now.answers[FACTOR]
    assert (held.version, held.updated_by, held.answer.evidence) == (2, winner, f"{winner}'s")


def test_nothing_is_lost_when_many_save_different_factors(cast: Cast) -> None:
    cast.join(cast.bob, Access.EDIT)
    people = (cast.ann, cast.bob)
    keys = canvas().keys

    def job(number: int, key: str) -> Callable[[], Any]:
        return lambda: cast.rate(people[number % 2], number % 4 + 1, 1, factor=key)

    assert at_once([job(number, key) for number, key in enumerate(keys)]) == [2] * len(keys)
    held = cast.held.get(cast.ann.id, cast.id).now
    assert held.rated == len(keys)
    assert {key: held.answers[key].answer.rating for key in keys} == {
        key: number % 4 + 1 for number, key in enumerate(keys)
    }
    assert cast.held.changes(cast.ann.id, cast.id) == len(keys) + 3


def test_rounds_close_what_was_said_and_compare_it(cast: Cast) -> None:
    cast.rate(cast.ann, 3, 1, evidence="Then")
    cast.join(cast.bob, Access.EDIT)
    figures = {"area": "Wirral", "edition": "e", "factors": {}}
    results = at_once(
        [
            lambda: cast.held.start_round(cast.ann, cast.id, "Spring", after=1, figures=figures),
            lambda: cast.held.start_round(cast.bob, cast.id, "Spring", after=1, figures=figures),
        ]
    )
    assert sorted(type(one).__name__ for one in results) == ["ConflictError", "int"]
    with pytest.raises(ConflictError, match="which is open now"):
        cast.rate(cast.ann, 4, 2)
    held = cast.held.get(cast.ann.id, cast.id)
    assert [one.name for one in held.rounds] == ["Autumn 2026", "Spring"]
    assert held.rounds[0].figures == figures
    assert (held.now.rated, held.now.answers[FACTOR].version) == (0, 1)
    cast.held.take_round_back(cast.ann, cast.id, number=2)
    assert cast.held.get(cast.ann.id, cast.id).now.closed_at is None
    cast.held.start_round(cast.ann, cast.id, "Summer", after=1)
    cast.rate(cast.bob, 2, 1, round_number=2)
    with pytest.raises(ConflictError, match="something was said"):
        cast.held.take_round_back(cast.ann, cast.id, number=2)
    (listed,) = cast.held.mine(cast.bob.id)
    assert (listed.round_name, listed.rated, listed.access) == ("Summer", 1, Access.EDIT)
    held = cast.held.get(cast.ann.id, cast.id)
    compared = compare(held, *held.rounds)
    assert [one.words for one in compared if one.factor.key == FACTOR] == ["down 1 step"]
    assert tally(compared) == {"up": 0, "down": 1, "same": 0, "unknown": 10}
    assert held.rounds[0].answers[FACTOR].answer.evidence == "Then", "closed rounds stay"
    cast.held.start_round(cast.ann, cast.id, "Autumn again", after=2)
    cast.held.start_round(cast.ann, cast.id, "Winter", after=3)
    cast.rate(cast.bob, 4, 1, round_number=4)
    held = cast.held.get(cast.ann.id, cast.id)
    told = [one.words for one in compare(held, *held.rounds[2:]) if one.factor.key == FACTOR]
    assert told == ["rated; not rated in the one before"]


def test_details_are_changed_only_as_they_were_seen(cast: Cast) -> None:
    better = DETAILS.model_copy(update={"title": "Wirral, all of it"})
    cast.held.change_details(cast.ann, cast.id, better, version=1)
    with pytest.raises(ConflictError):
        cast.held.change_details(cast.ann, cast.id, DETAILS, version=1)
    held = cast.held.get(cast.ann.id, cast.id)
    assert (held.details, held.version) == (better, 2)


def test_deleting_takes_everything_and_nothing_of_others(cast: Cast) -> None:
    other = cast.held.make(cast.ann, Details(title="Other"), "One")
    cast.rate(cast.ann, 2, 1, evidence="=SUM(A1)")
    cast.held.start_round(cast.ann, cast.id, "Two", after=1)
    cast.teams.invite(cast.ann, cast.id, Access.VIEW, "Bob")
    with pytest.raises(InvalidRequestError):
        cast.held.delete(cast.ann, cast.id, title="Wirral")
    cast.held.delete(cast.ann, cast.id, title=" wirral  place ")
    mine = [table for name, table in Base.metadata.tables.items() if name.startswith("readiness_")]
    with cast.database.reading() as session:
        for table in mine:
            column = table.c.get("assessment_id", table.c.get("id"))
            assert column is not None
            count = session.scalar(select(func.count()).where(column == cast.id))
            assert count == 0, table.name
    assert [one.id for one in cast.held.mine(cast.ann.id)] == [other]


def test_the_audit_log_tells_that_and_not_what(cast: Cast) -> None:
    cast.join(cast.bob, Access.EDIT)
    cast.rate(cast.ann, 2, 1, evidence="Secret evidence")
    cast.held.note_export(cast.bob, cast.id, "json")
    cast.held.delete(cast.ann, cast.id, title=DETAILS.title)
    done = cast.audited()
    for expected in (
        ("Ann", "assessment made", cast.id),
        ("Bob", "assessment: joined", cast.id),
        ("Bob", "assessment downloaded", cast.id),
        ("Ann", "assessment deleted", cast.id),
    ):
        assert expected in done
    told_of = " ".join(f"{one.what} {one.detail}" for one in cast.accounts.audit.entries())
    assert "Secret" not in told_of
    assert "Wirral" not in told_of


def test_exports_hold_all_of_it_and_no_formulas(cast: Cast) -> None:
    cast.rate(cast.ann, 2, 1, evidence='=HYPERLINK("http://x")', next_step="Über,\nzwei Zeilen")
    held = cast.held.get(cast.ann.id, cast.id)
    whole = json.loads(as_json(held, cast.held.history(cast.ann.id, cast.id)))
    assert whole["rounds"][0]["answers"][FACTOR]["evidence"].startswith("=HYPERLINK")
    assert [one["action"] for one in whole["history"]] == ["answered", "made"]
    assert cast.ann.id not in json.dumps(whole), "accounts are told by name alone"
    table = as_csv(held)
    assert "'=HYPERLINK" in table
    assert '"Über,\nzwei Zeilen"' in table


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 0},
        {"rating": 5},
        {"rating": 2.5},
        {"evidence": "x" * 4_001},
        {"rated_on": date(1999, 12, 31)},
        {"rated_on": now().date() + timedelta(days=2)},
        {"unknown": 1},
    ],
    ids=str,
)
def test_answers_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate(wrong)


def test_texts_lose_what_does_not_print() -> None:
    said = Answer(evidence="one\r\ntwo\x00\u202ethree ", owner="\x1b[31mAnn")
    assert (said.evidence, said.owner) == ("one\ntwothree", "[31mAnn")
    assert Details(title=" a \n b ").title == "a b"


def test_the_canvas_has_the_eleven_factors() -> None:
    held = canvas()
    assert len(held.keys) == len(set(held.keys)) == 11
    assert [one.rating for one in held.step] == [1, 2, 3, 4]
    assert [one.evidence for one in held.factor].index("risk") == 4
    with pytest.raises(NotFoundError):
        held.find("none")


def test_who_runs_the_service_writes_a_file_for_a_member_and_hands_over(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cast.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", url.replace("+psycopg", ""))
    out = tmp_path / "copy.csv"
    run = CliRunner().invoke

    def export(email: str) -> Any:
        return run(app, ["export", cast.id, "--for", email, "--out", str(out)])

    assert isinstance(export("eve@example.org").exception, NotFoundError)
    assert not out.exists()
    assert export("ann@example.org").exit_code == 0
    assert out.read_text(encoding="utf-8-sig").startswith("assessment,scope")
    assert ("command line", "assessment downloaded", cast.id) in cast.audited()
    assert run(app, ["hand-over", cast.id, "bob@example.org"]).exit_code == 0
    assert cast.held.get(cast.bob.id, cast.id).access is Access.OWNER
