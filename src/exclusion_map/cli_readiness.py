"""Commands on readiness. They work on the database itself, for who runs the service."""

from pathlib import Path
from typing import Annotated

import typer

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor
from exclusion_map.cli_accounts import opened_database
from exclusion_map.errors import InvalidRequestError

app = typer.Typer(
    help="Readiness: take a copy of an assessment for its team, hand one over.",
    no_args_is_help=True,
)

Identity = Annotated[str, typer.Argument(help="Id of the assessment: the end of its address.")]
Email = Annotated[str, typer.Option("--for", help="Email address of somebody of its team.")]


@app.command()
def export(
    assessment: Identity,
    member: Email,
    out: Annotated[Path, typer.Option(help="File to write: .json with all history, or .csv.")],
) -> None:
    """Write an assessment to a file, as somebody of its team would download it.

    The audit log notes it.
    """
    from exclusion_map.readiness.exporting import as_csv, as_json
    from exclusion_map.readiness.store import Readiness

    form = out.suffix.lower().removeprefix(".")
    if form not in ("csv", "json"):
        raise InvalidRequestError(
            "--out", found=str(out), expected="a name that ends .json or .csv"
        )
    with opened_database() as database:
        held = Readiness(database)
        account = Accounts(database).people.by_email(member)
        found = held.get(account.id, assessment)
        if form == "csv":
            # The mark at the start makes spreadsheets believe that it is UTF-8.
            text = "\ufeff" + as_csv(found)
        else:
            text = as_json(found, held.history(account.id, assessment))
        out.write_bytes(text.encode())
        held.note_export(Actor(account.id, account.name), assessment, form, by=COMMAND_LINE)
    typer.echo(f"{out} holds {found.details.title}.")


@app.command(name="hand-over")
def hand_over(
    assessment: Identity,
    email: Annotated[str, typer.Argument(help="Email address of the account that shall own it.")],
) -> None:
    """Make somebody an owner, where those who owned it are gone.

    Its history and the audit log tell of it.
    """
    from exclusion_map.readiness.teams import Teams

    with opened_database() as database:
        account = Accounts(database).people.by_email(email)
        Teams(database).hand_over(COMMAND_LINE, assessment, account.id)
    typer.echo(f"{email} owns it now, and so did those who did before.")
