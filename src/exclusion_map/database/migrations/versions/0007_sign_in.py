"""Sign-in: identities elsewhere, when somebody last proved who they are, rate limits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "account_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("managed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_identity")),
        sa.UniqueConstraint(
            "account_id", "issuer", name=op.f("uq_account_identity_account_id_issuer")
        ),
    )
    op.create_table(
        "rate_bucket",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("full_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_bucket")),
    )
    op.create_index(op.f("ix_rate_bucket_full_at"), "rate_bucket", ["full_at"])
    proved = sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("account_session", proved)


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("account_session", "proved_at")
    op.drop_table("rate_bucket")
    op.drop_table("account_identity")
