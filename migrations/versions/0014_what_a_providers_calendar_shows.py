"""A provider's calendar shows visits alone unless its link says more; links made before go on as they were."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_CHOICES = ("due_windows", "milestones", "reviews")


def upgrade():
    with op.batch_alter_table("calendar_feeds") as table:
        for name in _CHOICES:
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    feeds = sa.table("calendar_feeds", sa.column("kind"), *(sa.column(name, sa.Boolean()) for name in _CHOICES))
    op.execute(feeds.update().where(feeds.c.kind == "provider").values(dict.fromkeys(_CHOICES, True)))
    with op.batch_alter_table("calendar_feeds") as table:
        for name in _CHOICES:
            table.alter_column(name, existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def downgrade():
    with op.batch_alter_table("calendar_feeds") as table:
        for name in reversed(_CHOICES):
            table.drop_column(name)
