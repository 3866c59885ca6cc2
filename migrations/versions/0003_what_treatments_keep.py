"""Treatments keep what recording and accepting them did, out of the audit record; a contact's form logs once."""

from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
AUDIT = sa.table(
    "audit_events",
    sa.column("id", sa.Integer),
    sa.column("at", INSTANT),
    sa.column("user_id", sa.Integer),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("subject_id", sa.Integer),
    sa.column("details", sa.JSON),
)
TREATMENTS = sa.table(
    "treatments",
    sa.column("id", sa.Integer),
    sa.column("accepted_at", INSTANT),
    sa.column("accepted_by_id", sa.Integer),
    sa.column("accepted_reason", sa.String),
    sa.column("authorization_id", sa.Integer),
    sa.column("authorization_visits", sa.Integer),
    sa.column("authorization_units", sa.Numeric(8, 2)),
)
AUTHORIZATIONS = sa.table(
    "authorizations", sa.column("id", sa.Integer), sa.column("visits_left", sa.Integer)
)


def upgrade():
    with op.batch_alter_table("contact_attempts") as attempts:
        attempts.add_column(sa.Column("idempotency_key", sa.String(length=120), nullable=True))
        attempts.create_unique_constraint(
            op.f("uq_contact_attempts_idempotency_key"), ["idempotency_key"]
        )
    fill_acceptances(op.get_bind())
    fill_authorizations(op.get_bind())


def events(connection, *actions):
    """Audit rows about treatments, the oldest first."""
    wanted = AUDIT.select().where(
        AUDIT.c.subject == "treatments", AUDIT.c.subject_id.is_not(None), AUDIT.c.action.in_(actions)
    )
    return connection.execute(wanted.order_by(AUDIT.c.id)).all()


def fill_acceptances(connection):
    """Accepting twice was once, so there is one row each."""
    for event in events(connection, "accepted"):
        connection.execute(
            TREATMENTS.update()
            .where(TREATMENTS.c.id == event.subject_id)
            .values(
                accepted_at=event.at,
                accepted_by_id=event.user_id,
                accepted_reason=event.details.get("reason"),
            )
        )


def fill_authorizations(connection):
    """The last time it was taken counts; a visit was taken wherever the authorization counts visits."""
    counted = dict(connection.execute(sa.select(AUTHORIZATIONS.c.id, AUTHORIZATIONS.c.visits_left)).all())
    last = {event.subject_id: event.details for event in events(connection, "recorded", "void_undone")}
    for treatment_id, details in last.items():
        leave = details.get("authorization_id")
        if leave in counted:
            connection.execute(
                TREATMENTS.update()
                .where(TREATMENTS.c.id == treatment_id)
                .values(
                    authorization_id=leave,
                    authorization_visits=0 if counted[leave] is None else 1,
                    authorization_units=Decimal(details.get("authorization_units", "0")),
                )
            )


def downgrade():
    """The audit record still says what treatments kept, so their columns stay as they are."""
    with op.batch_alter_table("contact_attempts") as attempts:
        attempts.drop_constraint(op.f("uq_contact_attempts_idempotency_key"), type_="unique")
        attempts.drop_column("idempotency_key")
