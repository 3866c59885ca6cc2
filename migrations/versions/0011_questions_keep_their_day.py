"""A question to a provider keeps the day it was about; its visit may go elsewhere later."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("override_requests", sa.Column("day", sa.Date(), nullable=True))
    # Of a move that was allowed, the time that was held has the day: it was let go at the instant of the answer.
    op.execute(
        "UPDATE override_requests SET day = COALESCE("
        "(SELECT MAX(held.local_date) FROM appointments AS held"
        " WHERE held.replaces_id = override_requests.appointment_id AND held.cancel_reason = 'moved_here'"
        " AND held.updated_at = override_requests.answered_at),"
        "(SELECT visit.local_date FROM appointments AS visit"
        " WHERE visit.id = override_requests.appointment_id))"
    )
    with op.batch_alter_table("override_requests") as requests:
        requests.alter_column("day", existing_type=sa.Date(), nullable=False)


def downgrade():
    op.drop_column("override_requests", "day")
