"""plugins: secrets, roles, calls, failures

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plugins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("roles", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "hook_calls",
        sa.Column("plugin", sa.String(length=60), nullable=False),
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Float(), nullable=False),
        sa.Column("slowest", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "hook", "day", name=op.f("pk_hook_calls")),
    )
    op.create_table(
        "hook_failures",
        sa.Column("plugin", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "digest", name=op.f("pk_hook_failures")),
    )


def downgrade() -> None:
    op.drop_table("hook_failures")
    op.drop_table("hook_calls")
    with op.batch_alter_table("plugins", schema=None) as batch_op:
        batch_op.drop_column("roles")
        batch_op.drop_column("secrets")
