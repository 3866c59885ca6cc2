"""How often a clinic's calendars were changed as a whole; the language of a patient's calendar link."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)


def upgrade():
    """Links there are already go on in English, which is what their readers have."""
    op.add_column("clinics", sa.Column("calendar_revised_at", sa.DateTime(timezone=True), nullable=True))
    add_filled("clinics", "calendar_revision", sa.Integer(), "0")
    add_filled("calendar_feeds", "language", CODE, "en")


def add_filled(table, name, kind, value):
    """A column that rows there are already need a value for, and new ones are given theirs by the service."""
    with op.batch_alter_table(table) as altered:
        altered.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table(table) as altered:
        altered.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade():
    with op.batch_alter_table("calendar_feeds") as feeds:
        feeds.drop_column("language")
    with op.batch_alter_table("clinics") as clinics:
        clinics.drop_column("calendar_revision")
        clinics.drop_column("calendar_revised_at")
