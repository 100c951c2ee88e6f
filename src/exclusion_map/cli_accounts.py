"""Commands on accounts. They work on the database itself: who may run them is an admin."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from exclusion_map.accounts import COMMAND_LINE, Accounts, Role
from exclusion_map.accounts.telling import post, tell_of_invitation
from exclusion_map.database import Database, open_database
from exclusion_map.database.migrate import upgrade
from exclusion_map.errors import DatabaseError
from exclusion_map.personal import delete_account, held_of
from exclusion_map.settings import AccountSettings, DatabaseSettings, ServiceSettings, read

app = typer.Typer(
    help="Manage accounts: who may sign in, and what they may do.", no_args_is_help=True
)

Email = Annotated[str, typer.Argument(help="Email address of the person.")]
Days = Annotated[int, typer.Option(min=1, max=30, help="Days until the link expires.")]


@app.command()
def invite(
    email: Email,
    role: Annotated[Role, typer.Option(help="Role of the account.")] = Role.CONTRIBUTOR,
    days: Days = 7,
) -> None:
    """Print a link for creating an account; it is emailed too if a mail server is set up."""
    with _opened() as accounts:
        secret = accounts.invitations.invite(COMMAND_LINE, email, role, days)
        mailed = tell_of_invitation(accounts.invitations.find(secret), _link(secret))
    _show_link(secret, f"{email} can join as {role.value} within {days} days", mailed=mailed)


@app.command(name="list")
def list_people() -> None:
    """List accounts and open invitations."""
    with _opened() as accounts:
        table = Table("name", "email", "role", "state", "last seen", "second factor")
        with_second = accounts.second.in_use()
        for one in accounts.people.all():
            seen = one.seen_at.strftime("%Y-%m-%d %H:%M") if one.seen_at else "never"
            second = "yes" if one.id in with_second else "no"
            table.add_row(_plain(one.name), _plain(one.email), one.role, one.state, seen, second)
        for invited in accounts.invitations.waiting():
            until = f"until {invited.expires_at:%Y-%m-%d}"
            table.add_row("", _plain(invited.email), invited.role, "invited", until)
    Console().print(table)


@app.command()
def role(email: Email, new: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Change the role of an account; the person has to sign in again."""
    with _opened() as accounts:
        accounts.people.set_role(COMMAND_LINE, accounts.people.by_email(email).id, new)
    typer.echo(f"{email} is {new.value} now.")


@app.command()
def disable(email: Email) -> None:
    """Disable an account: its sessions end and its tokens stop working. What it wrote stays."""
    with _opened() as accounts:
        accounts.people.set_state(COMMAND_LINE, accounts.people.by_email(email).id, active=False)
    typer.echo(f"{email} can no longer sign in.")


@app.command()
def enable(email: Email) -> None:
    """Let a disabled account sign in again."""
    with _opened() as accounts:
        accounts.people.set_state(COMMAND_LINE, accounts.people.by_email(email).id, active=True)
    typer.echo(f"{email} can sign in.")


@app.command()
def reset(email: Email) -> None:
    """Print a link for setting a new password. No email is sent: pass the link on."""
    with _opened() as accounts:
        secret = accounts.people.reset(COMMAND_LINE, accounts.people.by_email(email).id)
    _show_link(secret, f"{email} can set a new password within 24 hours")


@app.command(name="reset-second-factor")
def reset_second_factor(email: Email) -> None:
    """Remove the second factor of a person who lost their phone, keys and recovery codes."""
    with _opened() as accounts:
        account = accounts.people.by_email(email)
        had_one = accounts.second.standing(account.id).on
        accounts.second.take_off(COMMAND_LINE, account.id)
    if had_one:
        typer.echo(f"{email} signs in with the password alone now, and is signed out everywhere.")
    else:
        typer.echo(f"{email} had no second factor.")


@app.command()
def tokens(email: Email) -> None:
    """List the working API tokens of an account."""
    with _opened() as accounts:
        table = Table("name", "role", "last used", "ends")
        table.add_column("id", no_wrap=True)
        for one in accounts.tokens.listed(accounts.people.by_email(email).id):
            used = one.used_at.strftime("%Y-%m-%d") if one.used_at else "never"
            table.add_row(_plain(one.name), one.role, used, f"{one.expires_at:%Y-%m-%d}", one.id)
    Console().print(table)


@app.command()
def revoke(
    email: Email,
    token_id: Annotated[str, typer.Argument(help="Id of the token, as `tokens` lists it.")],
) -> None:
    """Revoke an API token of an account."""
    with _opened() as accounts:
        account = accounts.people.by_email(email)
        accounts.tokens.revoke(COMMAND_LINE, account.id, token_id)
    typer.echo("The token works no longer.")


@app.command()
def data(email: Email) -> None:
    """Print all personal data held about a person, as JSON."""
    with opened_database() as database:
        account = Accounts(database, read(AccountSettings)).people.by_email(email)
        typer.echo(json.dumps(held_of(database, account.id), ensure_ascii=False, indent=2))


@app.command()
def delete(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete an account permanently. Its changes to the directory stay, without the name."""
    if not yes:
        typer.confirm(f"Delete the account of {email} for good?", abort=True)
    with opened_database() as database:
        account = Accounts(database, read(AccountSettings)).people.by_email(email)
        left = delete_account(database, COMMAND_LINE, account.id)
    typer.echo(f"Deleted. Histories say {left.name!r} now.")
    for name in left.shared:
        typer.echo(f"The name {name!r} stays where it stands: others have or had it too.")


@contextmanager
def _opened() -> Iterator[Accounts]:
    with opened_database() as database:
        yield Accounts(database, read(AccountSettings))
        mailer = post()
        if mailer is not None and not mailer.flush():
            typer.echo("The mail server did not take every message in time.", err=True)


@contextmanager
def opened_database() -> Iterator[Database]:
    """Open the database of the service, with the tables of this version.

    Raises:
        DatabaseError: the service has none.
    """
    url = read(DatabaseSettings).database_url
    if url == "none":
        raise DatabaseError(
            "EXCLUSION_MAP_DATABASE_URL",
            found="none",
            expected="a database that holds accounts",
            mend="Set the address that the service uses.",
        )
    database = open_database(url)
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def _link(secret: str) -> str:
    service = read(ServiceSettings)
    base = service.base_url.rstrip("/") or f"http://{service.host}:{service.port}"
    return f"{base}/invitation#{secret}"


def _show_link(secret: str, what: str, *, mailed: bool = False) -> None:
    typer.echo(f"{what}, once, by this link. It is shown now only:\n")
    typer.echo(f"{_link(secret)}\n")
    if mailed:
        typer.echo("It is sent to them by mail too.")
    else:
        typer.echo("No mail is sent: pass the link on by a way you trust.")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
