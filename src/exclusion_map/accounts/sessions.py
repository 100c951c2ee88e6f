"""Sessions of browsers: looked up by the digest of a cookie, over after a while either way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from exclusion_map.accounts.noting import note_softly
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.second.needed import lacks_one
from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.accounts.tables import ACTIVE, Account, AccountSession, SignInWaiting
from exclusion_map.database import Database, new_id, now

NOTE_USE_EVERY = timedelta(minutes=1)
"""Use is noted no more often: a write a request would be dear."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who a secret stands for.

    Attributes:
        account_id: of the account.
        name: of the person.
        email: by which they sign in.
        role: what they may do now, by this secret.
        by: id of the session or token.
        proved_at: when they last showed, in this session, that it is they; None by a token.
        held_back: whether the account must first set up a second factor.
        ends_at: when the session ends in any case; None by a token.
        idle_s: seconds without use after which it ends, too.
    """

    account_id: str
    name: str
    email: str
    role: Role
    by: str
    proved_at: datetime | None = None
    held_back: bool = False
    ends_at: datetime | None = None
    idle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who vouched for a sign-in: the issuer, and its name for its own session, if it told one."""

    issuer: str
    session: str = ""


class Sessions:
    """Sessions in the database."""

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta,
        longest: timedelta,
        second_factor: Role | None = None,
    ) -> None:
        self._database = database
        self._second_factor = second_factor
        self._idle = idle
        self._longest = longest

    def begin(self, account_id: str, client: str) -> str:
        """Sign a browser in; return what its cookie holds."""
        with self._database.writing() as session:
            return self.begin_in(session, account_id, client)

    def begin_in(
        self, session: Session, account_id: str, client: str, by: Vouched | None = None
    ) -> str:
        """Sign a browser in within a transaction; sessions that are over are cleared away."""
        secret, moment = new_secret(), now()
        unused = AccountSession.used_at < moment - self._idle
        over = or_(AccountSession.expires_at < moment, unused)
        session.execute(delete(AccountSession).where(over))
        session.add(
            AccountSession(
                id=new_id(),
                token_hash=digest(secret),
                account_id=account_id,
                created_at=moment,
                used_at=moment,
                expires_at=moment + self._longest,
                client=client[:100],
                proved_at=moment,
                issuer=by.issuer if by else None,
                provider_session=by.session or None if by else None,
            )
        )
        return secret

    def renew_in(self, session: Session, account_id: str, session_id: str) -> str:
        """Give a session another secret and end the others of the account; return the secret.

        So after a change of what a session may do: whoever else knows the old one has nothing.
        """
        end_all_in(session, account_id, but=session_id)
        secret = new_secret()
        mine = AccountSession.account_id == account_id, AccountSession.id == session_id
        session.execute(update(AccountSession).where(*mine).values(token_hash=digest(secret)))
        return secret

    def find(self, secret: str) -> Known | None:
        """Return who a cookie stands for; None where it is unknown, over, or its account is off."""
        with self._database.reading() as session:
            found = session.execute(
                select(AccountSession, Account)
                .join(Account, Account.id == AccountSession.account_id)
                .where(AccountSession.token_hash == digest(secret))
            ).one_or_none()
            if found is None:
                return None
            held, account = found
            # A provider that signs people in asks for a second factor of its own.
            by_password = held.issuer is None
            held_back = by_password and lacks_one(session, account, self._second_factor)
        moment = now()
        over = moment >= held.expires_at or moment - held.used_at >= self._idle
        if over or account.state != ACTIVE:
            return None
        self._note_use(held, moment)
        role = Role(account.role)
        return Known(
            account.id,
            account.name,
            account.email,
            role,
            held.id,
            held.proved_at,
            held_back,
            held.expires_at,
            self._idle.total_seconds(),
        )

    def listed(self, account_id: str) -> Sequence[AccountSession]:
        """Return the sessions of an account that go on, the one used last first."""
        moment = now()
        with self._database.reading() as session:
            query = select(AccountSession).where(
                AccountSession.account_id == account_id,
                AccountSession.expires_at > moment,
                AccountSession.used_at > moment - self._idle,
            )
            return session.scalars(query.order_by(AccountSession.used_at.desc())).all()

    def prove_in(self, session: Session, account_id: str, session_id: str) -> None:
        """Note that somebody showed again, in a session, that it is they."""
        mine = AccountSession.account_id == account_id, AccountSession.id == session_id
        session.execute(update(AccountSession).where(*mine).values(proved_at=now()))

    def end(self, account_id: str, session_id: str) -> bool:
        """End one session of an account; say whether there was one."""
        with self._database.writing() as session:
            statement = delete(AccountSession).where(
                AccountSession.account_id == account_id, AccountSession.id == session_id
            )
            return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]

    def end_all(self, account_id: str, *, but: str = "") -> None:
        """End the sessions of an account, but one where it is named."""
        with self._database.writing() as session:
            end_all_in(session, account_id, but=but)

    def _note_use(self, held: AccountSession, moment: datetime) -> None:
        if moment - held.used_at < NOTE_USE_EVERY:
            return
        mine = update(AccountSession).where(AccountSession.id == held.id).values(used_at=moment)
        seen = update(Account).where(Account.id == held.account_id).values(seen_at=moment)
        note_softly(self._database, (mine, seen))


def end_all_in(session: Session, account_id: str, *, but: str = "") -> None:
    """End the sessions of an account within a transaction, but one where it is named.

    Sign-ins that wait for a second factor end too: what they showed may count no more.
    """
    session.execute(delete(SignInWaiting).where(SignInWaiting.account_id == account_id))
    session.execute(
        delete(AccountSession).where(
            AccountSession.account_id == account_id, AccountSession.id != but
        )
    )
