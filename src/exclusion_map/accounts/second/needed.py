"""Who must have a second factor, and who has one: asked at every request of some roles."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.tables import Account, Passkey, SecondFactor


def required_of(policy: str) -> Role | None:
    """Return the lowest role that must have a second factor by the setting; None for nobody."""
    return Role(policy) if policy in tuple(Role) else None


def has_one(session: Session, account_id: str) -> bool:
    """Whether an account has codes in use or a key, within a transaction."""
    held = session.get(SecondFactor, account_id)
    if held is not None and held.confirmed_at is not None:
        return True
    return bool(session.scalar(select(exists().where(Passkey.account_id == account_id))))


def lacks_one(session: Session, account: Account, required: Role | None) -> bool:
    """Whether an account must have a second factor and has none, within a transaction."""
    if required is None or not Role(account.role).allows(required):
        return False
    return not has_one(session, account.id)
