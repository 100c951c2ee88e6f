"""Where a person's name stands in what they did, and which names are theirs alone.

Histories hold names, not accounts. The audit log tells under which names an account acted; a name
that another account has or had is nobody's alone, and stays where it stands.
"""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from exclusion_map.accounts.tables import Account, Audit, Invitation
from exclusion_map.directory.tables import (
    Change,
    DuplicateReview,
    Location,
    MergedPlace,
    RemoteHelp,
    Suggestion,
    SuggestionDecision,
)
from exclusion_map.readiness.tables import ReadinessAnswer, ReadinessInvitation

SIGNED: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    Change.by,
    DuplicateReview.decided_by,
    MergedPlace.by,
    Location.confirmed_by,
    RemoteHelp.confirmed_by,
    Suggestion.account,
    SuggestionDecision.by,
    Invitation.by,
    ReadinessAnswer.updated_by,
    ReadinessInvitation.by,
)
"""Every column that holds the name of who did something, without the id of the account."""


def names_of(session: Session, account: Account) -> set[str]:
    """Return the names under which an account acted."""
    told = session.scalars(select(Audit.by).where(Audit.who == account.id).distinct())
    return {account.name, *told}


def own_names(session: Session, account: Account) -> set[str]:
    """Return the names under which this account acted and no other did."""
    names = names_of(session, account)
    now = select(Account.name).where(Account.name.in_(names), Account.id != account.id)
    then = select(Audit.by).where(Audit.by.in_(names), Audit.who != account.id)
    return names - set(session.scalars(now)) - set(session.scalars(then.distinct()))
