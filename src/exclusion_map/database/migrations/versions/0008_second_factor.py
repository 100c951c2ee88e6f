"""A second factor, recovery codes, sign-ins half done; which sign-in of a provider a session is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"])
    op.create_table(
        "sign_in_waiting",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_waiting_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_waiting")),
    )
    op.create_index(op.f("ix_sign_in_waiting_account_id"), "sign_in_waiting", ["account_id"])
    op.create_index(op.f("ix_sign_in_waiting_expires_at"), "sign_in_waiting", ["expires_at"])
    op.create_table(
        "used_logout",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_used_logout")),
    )
    op.create_index(op.f("ix_used_logout_expires_at"), "used_logout", ["expires_at"])
    for name in ("issuer", "provider_session"):
        column = sa.Column(name, sa.String(length=255), nullable=True)
        op.add_column("account_session", column)


def downgrade() -> None:
    """Take the change back."""
    for name in ("provider_session", "issuer"):
        op.drop_column("account_session", name)
    for name in ("used_logout", "sign_in_waiting", "recovery_code", "second_factor"):
        op.drop_table(name)
