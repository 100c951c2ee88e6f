"""Accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES = "role IN ('viewer', 'contributor', 'moderator', 'admin')"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "account",
        _text("id", 36),
        _text("name", 100),
        _text("email", 254),
        _text("role", 20),
        _text("password_hash", 255),
        _text("state", 20),
        _moment("created_at"),
        _moment("seen_at", nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_account_role")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_account_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    _make_invitation()
    _make_session()
    _make_token()
    _make_attempts()
    _make_audit()


def _owner(table: str, *, nullable: bool = False) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        _text("account_id", 36, nullable=nullable),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")
        ),
    )


def _make_invitation() -> None:
    op.create_table(
        "invitation",
        _text("id", 36),
        _text("token_hash", 64),
        _text("purpose", 20),
        _text("email", 254),
        _text("role", 20),
        *_owner("invitation", nullable=True),
        _text("by", 100),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_invitation_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"])


def _make_session() -> None:
    op.create_table(
        "account_session",
        _text("id", 36),
        _text("token_hash", 64),
        *_owner("account_session"),
        _moment("created_at"),
        _moment("used_at"),
        _moment("expires_at"),
        _text("client", 100),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    op.create_index(op.f("ix_account_session_account_id"), "account_session", ["account_id"])
    op.create_index(op.f("ix_account_session_expires_at"), "account_session", ["expires_at"])


def _make_token() -> None:
    op.create_table(
        "api_token",
        _text("id", 36),
        _text("token_hash", 64),
        *_owner("api_token"),
        _text("name", 100),
        _text("role", 20),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_api_token_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"])


def _make_attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        _text("key", 64),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("wait_until"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_last_at"), "sign_in_attempts", ["last_at"])
    op.create_table(
        "known_client",
        _text("token_hash", 64),
        *_owner("known_client"),
        _moment("used_at"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_client")),
    )
    op.create_index(op.f("ix_known_client_account_id"), "known_client", ["account_id"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        _moment("at"),
        _text("who", 36),
        _text("by", 100),
        _text("what", 60),
        _text("on", 100),
        _text("detail", 300),
        _text("request_id", 36),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    for statement in _GUARDS[op.get_context().dialect.name]:
        op.execute(statement)


# The log cannot be edited by the service, whatever mistake its code may hold.
_GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to()",
    ),
}


def downgrade() -> None:
    """Take the change back."""
    for table in (
        "audit",
        "known_client",
        "sign_in_attempts",
        "api_token",
        "account_session",
        "invitation",
        "account",
    ):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_added_to()")
