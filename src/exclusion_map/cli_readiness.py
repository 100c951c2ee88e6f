"""Commands on readiness. They work on the database itself, for who runs the service."""

from pathlib import Path
from typing import Annotated

import typer

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor
from exclusion_map.cli_accounts import opened_database
from exclusion_map.errors import InvalidRequestError
from exclusion_map.outputs import write_file

app = typer.Typer(
    help="Readiness assessments: export one for its team, or hand one over.",
    no_args_is_help=True,
)

Identity = Annotated[
    str, typer.Argument(help="Id of the assessment: the last part of its address.")
]
Email = Annotated[str, typer.Option("--for", help="Email address of a team member.")]


@app.command()
def export(
    assessment: Identity,
    member: Email,
    out: Annotated[Path, typer.Option(help="Output file: .json with the full history, or .csv.")],
) -> None:
    """Export an assessment to a file, as a member of its team would download it.

    The export is recorded in the audit log.
    """
    from exclusion_map.readiness.exporting import as_csv, as_json
    from exclusion_map.readiness.store import Readiness

    form = out.suffix.lower().removeprefix(".")
    if form not in ("csv", "json"):
        raise InvalidRequestError(
            "--out", found=str(out), expected="a file name ending in .json or .csv"
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
        write_file(out, text)
        held.note_export(Actor(account.id, account.name), assessment, form, by=COMMAND_LINE)
    typer.echo(f"{out} holds {found.details.title}.")


@app.command(name="hand-over")
def hand_over(
    assessment: Identity,
    email: Annotated[
        str, typer.Argument(help="Email address of the account that becomes the owner.")
    ],
) -> None:
    """Make an account the owner of an assessment whose owners have gone.

    This is recorded in its history and in the audit log.
    """
    from exclusion_map.readiness.teams import Teams

    with opened_database() as database:
        account = Accounts(database).people.by_email(email)
        Teams(database).hand_over(COMMAND_LINE, assessment, account.id)
    typer.echo(f"{email} owns it now, and so did those who did before.")
