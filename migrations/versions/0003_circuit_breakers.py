"""The circuit breaker before RunComfy."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circuit_breakers",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("probe_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint("lost >= 0", name=op.f("ck_circuit_breakers_lost_not_negative")),
        sa.CheckConstraint(
            "(state = 'open') = (probe_at IS NOT NULL)", name=op.f("ck_circuit_breakers_open_is_probed")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (cause IS NULL)", name=op.f("ck_circuit_breakers_closed_without_cause")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_circuit_breakers")),
    )


def downgrade() -> None:
    op.drop_table("circuit_breakers")
