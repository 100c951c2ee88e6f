"""Help without a place."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXTS = (
    "description",
    "who",
    "price_note",
    "speed",
    "contract",
    "hours",
    "url",
    "locality",
    "source",
    "source_url",
)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "remote_help",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("need", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("nations", sa.String(length=120), nullable=False),
        sa.Column("as_of", sa.String(length=30), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("source_key", sa.String(length=60), nullable=True),
        sa.Column("source_record", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_help")),
        sa.UniqueConstraint("source_key", name=op.f("uq_remote_help_source_key")),
    )
    with op.batch_alter_table("remote_help", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remote_help_need"), ["need"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("remote_help")
