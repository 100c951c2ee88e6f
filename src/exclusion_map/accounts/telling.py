"""Tell people by mail of what the audit log notes about their sign-in, once it is saved.

It hangs on the log, so that no way of changing a sign-in is forgotten: pages, the command line,
and those that are written later.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from exclusion_map.accounts import messages
from exclusion_map.accounts.mail import Addressed, Mailer, mailer_of
from exclusion_map.accounts.rates import Limit, Rates
from exclusion_map.accounts.tables import ACTIVE, Account, ApiToken, Invitation
from exclusion_map.database import Database, now
from exclusion_map.settings import MailSettings, ServiceSettings, read

DAY_S: Final = 24 * 3600.0
SOON: Final = timedelta(days=7)
_GUESSES: Final = Limit("mail about guesses", 1, DAY_S)
_ENDS: Final = Limit("mail about the end of a token", 1, 30 * DAY_S)
_HELD: Final = "exclusion_map_to_tell"


def tell_later(session: Session, what: str, account_id: str) -> None:
    """Tell an account of what is noted within a transaction, when that is saved; else nothing."""
    if what not in messages.NOTED or not account_id:
        return
    account = session.get(Account, account_id) if post() is not None else None
    if account is None:
        return
    message = messages.changed(what, account.name, now(), base())
    waiting: list[tuple[str, messages.Message]] = session.info.setdefault(_HELD, [])
    if not waiting:
        event.listen(session, "after_commit", _send_held)
        event.listen(session, "after_rollback", _drop_held)
    waiting.append((account.email, message))


def _send_held(session: Session) -> None:
    mailer = post()
    for to, message in session.info.pop(_HELD, ()):
        if mailer is not None:
            mailer.send(to, message)


def _drop_held(session: Session) -> None:
    session.info.pop(_HELD, None)


def post() -> Mailer | None:
    """Return what sends mail; None where none is sent."""
    return mailer_of(lambda: read(MailSettings))


def base() -> str:
    """Return the public address of the service; empty where it is not set."""
    return read(ServiceSettings).base_url.rstrip("/")


def tell_of_guesses(database: Database, account: Account | None) -> None:
    """Tell somebody, once a day at most, that their sign-in is being guessed.

    Who guesses waits as long whether there is such an account or not: the thread that sends looks.
    """
    mailer = post()
    if mailer is None:
        return

    def made() -> Addressed | None:
        if account is None or account.state != ACTIVE or Rates(database).take(_GUESSES, account.id):
            return None
        return account.email, messages.guessed(account.name, now(), base())

    mailer.send_later(made)


def tell_of_invitation(invited: Invitation, link: str) -> bool:
    """Send somebody the link with which they join; say whether mail is sent at all."""
    mailer = post()
    if mailer is None:
        return False
    mailer.send(invited.email, messages.invited(link, invited.role, invited.expires_at))
    return True


def tell_of_ends(database: Database) -> int:
    """Tell people of API tokens that end within a week, each once; return how many were told.

    Tokens that were made for so short a time are left out: who made them knows.
    """
    mailer = post()
    if mailer is None:
        return 0
    rates, moment, told = Rates(database), now(), 0
    soon = moment + SOON
    with database.reading() as session:
        query = select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id)
        ending = query.where(
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at.between(moment, soon),
            Account.state == ACTIVE,
        )
        found = session.execute(ending).all()
    for token, account in found:
        if token.expires_at - token.created_at <= SOON or rates.take(_ENDS, token.id):
            continue
        message = messages.token_ends(account.name, token.name, token.expires_at, base())
        mailer.send(account.email, message)
        told += 1
    return told
