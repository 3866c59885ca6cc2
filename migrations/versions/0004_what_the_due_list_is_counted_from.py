"""When a course is closed, kept on its row; and indexes from which the due list is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


COUNTED = ["closed_from", "booking", "blocks", "earliest_date", "due_date", "overdue_date", "lapse_date"]
LISTED = ["booking", "overdue_date", "due_date", "id", "earliest_date", "lapse_date", "blocks", "closed_from"]
INDEXES = {
    "ix_courses_counted": ["clinic_id", *COUNTED],
    "ix_courses_counted_by_provider": ["clinic_id", "provider_id", *COUNTED],
    "ix_courses_listed": ["clinic_id", *LISTED],
    "ix_courses_listed_by_provider": ["clinic_id", "provider_id", *LISTED],
    "ix_courses_all_listed": [
        "clinic_id",
        "overdue_date",
        "due_date",
        "id",
        "booking",
        "provider_id",
        "closed_from",
    ],
}
GONE = "deceased_on IS NOT NULL OR moved_on IS NOT NULL"


def upgrade():
    op.add_column("courses", sa.Column("closed_from", sa.Date(), nullable=True))
    op.execute("UPDATE courses SET closed_from = stopped_on")
    op.execute(
        f"UPDATE courses SET closed_from = '0001-01-01' WHERE patient_id IN (SELECT id FROM patients WHERE {GONE})"
    )
    op.drop_index("ix_patients_gone", table_name="patients")
    op.drop_index("ix_courses_clinic_id_stopped_on_due_date", table_name="courses")
    op.drop_index("ix_courses_by_booking", table_name="courses")
    op.drop_index("ix_courses_by_overdue_date", table_name="courses")
    for name, columns in INDEXES.items():
        op.create_index(name, "courses", columns, unique=False)
    op.drop_index("ix_contact_attempts_clinic_id", table_name="contact_attempts")
    op.create_index(
        "ix_contact_attempts_clinic_id_course_id",
        "contact_attempts",
        ["clinic_id", "course_id"],
        unique=False,
    )


def downgrade():
    op.drop_index("ix_contact_attempts_clinic_id_course_id", table_name="contact_attempts")
    op.create_index("ix_contact_attempts_clinic_id", "contact_attempts", ["clinic_id"], unique=False)
    for name in INDEXES:
        op.drop_index(name, table_name="courses")
    op.create_index(
        "ix_courses_by_overdue_date",
        "courses",
        ["clinic_id", "overdue_date", "due_date", "id", "booking", "provider_id", "patient_id", "stopped_on"],
        unique=False,
    )
    op.create_index(
        "ix_courses_by_booking",
        "courses",
        [
            "clinic_id",
            "booking",
            "overdue_date",
            "due_date",
            "id",
            "earliest_date",
            "lapse_date",
            "blocks",
            "provider_id",
            "patient_id",
            "stopped_on",
        ],
        unique=False,
    )
    op.create_index(
        "ix_courses_clinic_id_stopped_on_due_date",
        "courses",
        ["clinic_id", "stopped_on", "due_date"],
        unique=False,
    )
    op.create_index(
        "ix_patients_gone",
        "patients",
        ["clinic_id", "id"],
        unique=False,
        sqlite_where=sa.text(GONE),
        postgresql_where=sa.text(GONE),
    )
    op.drop_column("courses", "closed_from")
