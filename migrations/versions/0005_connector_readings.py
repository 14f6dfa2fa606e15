"""connector readings

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("open_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("read_problem", sa.JSON(), server_default="{}", nullable=False)
        )

    op.create_table(
        "connector_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_connector_readings_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_readings")),
        sa.UniqueConstraint(
            "connection_id", "entity", name=op.f("uq_connector_readings_connection_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("connector_readings")
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("read_problem")
        batch_op.drop_column("open_until")
        batch_op.drop_column("failures")
