"""How many courses the due list has under what, kept by day, and what each course is counted as."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As the service counted when this was written.
DUE_SOON = timedelta(14)
MOST_TRIES = 20
TO_BOOK = ("overdue", "due", "due_soon")
DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date", "closed_from")
AT_ONCE = 5_000

COURSES = sa.table(
    "courses",
    *(sa.column(name, sa.Integer) for name in ("id", "clinic_id", "patient_id", "provider_id")),
    *(sa.column(name, sa.Date) for name in DATES),
    *(sa.column(name, sa.String) for name in ("indication", "booking", "blocks")),
    sa.column("counted", sa.JSON),
)
HOLDS = sa.table(
    "holds",
    sa.column("patient_id", sa.Integer),
    sa.column("indication", sa.String),
    sa.column("starts_on", sa.Date),
    sa.column("ends_on", sa.Date),
)
ATTEMPTS = sa.table("contact_attempts", sa.column("course_id", sa.Integer), sa.column("hide_until", sa.Date))
# The attempts that no decision, treatment or booking came after.
TRIES = """
SELECT course_id, count(*) FROM contact_attempts AS tried
WHERE outcome IN ('no_answer', 'left_message', 'will_call_back', 'declined', 'wants_to_book')
  AND taken_back_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM contact_attempts AS later
    WHERE later.course_id = tried.course_id AND later.id > tried.id AND later.taken_back_at IS NULL
      AND later.outcome IN ('try_later', 'keep_on_list'))
  AND NOT EXISTS (
    SELECT 1 FROM treatments
    WHERE treatments.course_id = tried.course_id AND voided_at IS NULL AND given_on >= date(tried.at))
  AND NOT EXISTS (
    SELECT 1 FROM appointments
    WHERE appointments.course_id = tried.course_id AND created_at >= tried.at
      AND (cancel_reason IS NULL OR cancel_reason <> 'booked_in_error'))
GROUP BY course_id
"""


def upgrade():
    op.add_column("courses", sa.Column("counted", sa.JSON(), nullable=True))
    counts = op.create_table(
        "due_counts",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        *_about(),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_due_counts_clinic_id_clinics")),
        sa.PrimaryKeyConstraint(
            "clinic_id",
            "starts_on",
            "provider_id",
            "bucket",
            "resting",
            "tries",
            name=op.f("pk_due_counts"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due_count_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        *_about(),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_due_count_changes_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_count_changes")),
    )
    op.create_index(op.f("ix_due_count_changes_clinic_id"), "due_count_changes", ["clinic_id"], unique=False)
    if not op.get_context().as_sql:
        count(op.get_bind(), counts)


def _about():
    """What is counted together, and how many of it."""
    return (
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=40), nullable=False),
        sa.Column("resting", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
    )


def count(connection, counts):
    """Every course as it stands. Days well past become one when the service first folds them."""
    holds = defaultdict(list)
    for patient_id, indication, starts_on, ends_on in connection.execute(sa.select(*HOLDS.c)):
        holds[patient_id].append((indication, starts_on, ends_on))
    resting = sa.select(ATTEMPTS.c.course_id, sa.func.max(ATTEMPTS.c.hide_until)).group_by(ATTEMPTS.c.course_id)
    rests = {course_id: until for course_id, until in connection.execute(resting)}
    tries = {course_id: number for course_id, number in connection.execute(sa.text(TRIES))}
    rows = connection.execute(sa.select(*(each for each in COURSES.c if each.name != "counted"))).all()
    cells = Counter()
    change = COURSES.update().where(COURSES.c.id == sa.bindparam("key")).values(counted=sa.bindparam("how"))
    for some in parts(rows):
        counted = []
        for row in some:
            own = [(start, end) for what, start, end in holds[row.patient_id] if what in (None, row.indication)]
            steps = steps_of(row, own, rests.get(row.id), tries.get(row.id, 0))
            how = [[day.toordinal(), *(standing or ())] for day, standing in steps]
            counted.append({"key": row.id, "how": {"provider": row.provider_id or 0, "steps": how}})
            add(cells, (row.clinic_id, row.provider_id or 0), steps)
        connection.execute(change, counted)
    names = ("clinic_id", "provider_id", "starts_on", "bucket", "resting", "tries", "number")
    kept = [dict(zip(names, (*cell, number), strict=True)) for cell, number in cells.items() if number]
    for some in parts(kept):
        connection.execute(counts.insert(), some)


def parts(rows):
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def add(cells, whose, steps):
    before = None
    for day, standing in steps:
        if before is not None:
            cells[*whose, day, *before] -= 1
        if standing is not None:
            cells[*whose, day, *standing] += 1
        before = standing


def steps_of(course, holds, rests_until, tries):
    """(day, how the course stands from then on), the first of all days first; None is not on the list."""
    days = {date.min, course.earliest_date - DUE_SOON, course.due_date, course.overdue_date, course.lapse_date}
    days |= {course.closed_from or date.min, rests_until or date.min}
    days |= {start for start, _ in holds}
    days |= {end + timedelta(1) for _, end in holds if end is not None and end < date.max}
    steps = []
    for day in sorted(days):
        standing = standing_on(course, holds, rests_until, tries, day)
        if standing != (steps[-1][1] if steps else None):
            steps.append((day, standing))
    return steps


def standing_on(course, holds, rests_until, tries, day):
    """(bucket, whether somebody is waited for, tries), or None."""
    closed = course.closed_from is not None and course.closed_from <= day
    if closed and course.booking != "closed_course":
        return None
    held = any(start <= day <= (end or date.max) for start, end in holds)
    for bucket, is_in in (
        ("booked", course.booking == "ok" and not closed),
        ("booking_problem", course.booking != "none"),
        ("lapsed", course.lapse_date <= day),
        ("blocked", bool(course.blocks) or held),
        ("overdue", course.overdue_date <= day),
        ("due", course.due_date <= day),
        ("due_soon", course.earliest_date - DUE_SOON <= day),
    ):
        if is_in:
            break
    else:
        bucket = "not_due"
    if bucket not in TO_BOOK:
        return bucket, False, 0
    return bucket, rests_until is not None and day < rests_until, min(tries, MOST_TRIES)


def downgrade():
    op.drop_index(op.f("ix_due_count_changes_clinic_id"), table_name="due_count_changes")
    op.drop_table("due_count_changes")
    op.drop_table("due_counts")
    if op.get_context().dialect.name == "postgresql":
        op.drop_column("courses", "counted")
    else:
        # Without a copy of the table.
        op.execute("ALTER TABLE courses DROP COLUMN counted")
