"""Readiness: assessments of teams."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "readiness_assessment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "scope IN ('ics', 'place', 'pathway', 'organisation')",
            name=op.f("ck_readiness_assessment_scope"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_assessment")),
    )
    op.create_table(
        "readiness_change",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("assessment_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=36), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["readiness_assessment.id"],
            name=op.f("fk_readiness_change_assessment_id"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_readiness_change")),
    )
    with op.batch_alter_table("readiness_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_readiness_change_assessment_id"), ["assessment_id"], unique=False
        )

    op.create_table(
        "readiness_invitation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("assessment_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("access", sa.String(length=10), nullable=False),
        sa.Column("invitee", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "access IN ('view', 'edit', 'owner')", name=op.f("ck_readiness_invitation_access")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["readiness_assessment.id"],
            name=op.f("fk_readiness_invitation_assessment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_readiness_invitation_token_hash")),
    )
    with op.batch_alter_table("readiness_invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_readiness_invitation_assessment_id"), ["assessment_id"], unique=False
        )

    op.create_table(
        "readiness_member",
        sa.Column("assessment_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("access", sa.String(length=10), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "access IN ('view', 'edit', 'owner')", name=op.f("ck_readiness_member_access")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_readiness_member_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["readiness_assessment.id"],
            name=op.f("fk_readiness_member_assessment_id"),
        ),
        sa.PrimaryKeyConstraint("assessment_id", "account_id", name=op.f("pk_readiness_member")),
    )
    with op.batch_alter_table("readiness_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_readiness_member_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "readiness_round",
        sa.Column("assessment_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["readiness_assessment.id"],
            name=op.f("fk_readiness_round_assessment_id"),
        ),
        sa.PrimaryKeyConstraint("assessment_id", "number", name=op.f("pk_readiness_round")),
    )
    op.create_table(
        "readiness_answer",
        sa.Column("assessment_id", sa.String(length=36), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 4", name=op.f("ck_readiness_answer_rating")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "round"],
            ["readiness_round.assessment_id", "readiness_round.number"],
            name="fk_readiness_answer_round",
        ),
        sa.PrimaryKeyConstraint(
            "assessment_id", "round", "factor", name=op.f("pk_readiness_answer")
        ),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("readiness_answer")
    op.drop_table("readiness_round")
    op.drop_table("readiness_member")
    op.drop_table("readiness_invitation")
    op.drop_table("readiness_change")
    op.drop_table("readiness_assessment")
