"""A time can be held for a visit that would move there, once a provider allows it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = "('proposed', 'booked', 'arrived', 'fulfilled')"
OCCUPYING = "('proposed', 'pending', 'booked', 'arrived', 'fulfilled')"
PENDING = sa.text("state = 'pending'")


def upgrade():
    # As SQL, since SQLite would otherwise copy the whole table for one column that refers to its own table.
    op.execute(
        "ALTER TABLE appointments ADD COLUMN replaces_id INTEGER"
        " CONSTRAINT fk_appointments_replaces_id_appointments REFERENCES appointments (id)"
    )
    op.create_index(
        "uq_appointments_pending_move",
        "appointments",
        ["replaces_id"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    guard_against_overlaps(OCCUPYING)


def guard_against_overlaps(states):
    """One provider, and one patient, has one visit at a time: by exclusion or by triggers, made anew."""
    occupying = f"state IN {states} AND NOT overbooked"
    if op.get_context().dialect.name == "postgresql":
        for owner in ("provider_id", "patient_id"):
            op.execute(f"ALTER TABLE appointments DROP CONSTRAINT ex_appointments_{owner}_overlap")
            op.execute(
                f"ALTER TABLE appointments ADD CONSTRAINT ex_appointments_{owner}_overlap EXCLUDE USING gist ("
                f"int4range({owner}, {owner}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&"
                f") WHERE ({occupying})"
            )
    else:
        for moment in ("insert", "update"):
            op.execute(f"DROP TRIGGER tr_appointments_overlap_{moment}")
            op.execute(f"""
CREATE TRIGGER tr_appointments_overlap_{moment} BEFORE {moment.upper()} ON appointments
WHEN NEW.state IN {states} AND NOT NEW.overbooked
BEGIN
  SELECT RAISE(ABORT, 'appointment overlap') FROM appointments
  WHERE id IS NOT NEW.id AND {occupying}
    AND (provider_id = NEW.provider_id OR patient_id = NEW.patient_id)
    AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at;
END""")


def downgrade():
    # The older service knows no pending time: the question is taken back, the visit stays where it is.
    op.execute(
        "UPDATE override_requests SET state = 'withdrawn' WHERE state = 'waiting' AND appointment_id IN"
        " (SELECT id FROM appointments WHERE state = 'pending')"
    )
    op.execute(
        "UPDATE appointments SET state = 'cancelled', cancel_reason = 'question_withdrawn' WHERE state = 'pending'"
    )
    op.execute("UPDATE appointments SET cancel_reason = 'question_withdrawn' WHERE cancel_reason = 'moved_here'")
    op.drop_index("uq_appointments_pending_move", table_name="appointments")
    guard_against_overlaps(BEFORE)
    if op.get_context().dialect.name == "postgresql":
        op.drop_column("appointments", "replaces_id")
    else:
        # Without a copy of the table, whose guards are triggers.
        op.execute("ALTER TABLE appointments DROP COLUMN replaces_id")
