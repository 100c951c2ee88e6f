"""Import reviews: likely duplicates, decisions on them, merged places."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "duplicate_review",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("a_id", sa.String(length=36), nullable=False),
        sa.Column("b_id", sa.String(length=36), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("kept_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["a_id"], ["location.id"], name=op.f("fk_duplicate_review_a_id")),
        sa.ForeignKeyConstraint(["b_id"], ["location.id"], name=op.f("fk_duplicate_review_b_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_review")),
    )
    with op.batch_alter_table("duplicate_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_review_b_id"), ["b_id"], unique=False)
        batch_op.create_index("ix_duplicate_review_pair", ["a_id", "b_id"], unique=True)
        batch_op.create_index("ix_duplicate_review_state", ["state", "score"], unique=False)

    op.create_table(
        "merged_place",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("into_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["location.id"], name=op.f("fk_merged_place_id")),
        sa.ForeignKeyConstraint(["into_id"], ["location.id"], name=op.f("fk_merged_place_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_place")),
    )
    with op.batch_alter_table("merged_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merged_place_into_id"), ["into_id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("merged_place")
    op.drop_table("duplicate_review")
