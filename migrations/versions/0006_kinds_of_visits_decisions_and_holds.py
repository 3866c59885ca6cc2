"""Kinds of visits, named overrides, requests and decisions; holds are the patient's; several rows are one visit."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CODE = sa.String(length=40)
NAME = sa.String(length=120)
BLOCKS = sa.String(length=240)
OCCUPYING_BEFORE = "('booked', 'arrived', 'fulfilled')"
OCCUPYING = "('proposed', 'booked', 'arrived', 'fulfilled')"
AHEAD_BEFORE = sa.text("state IN ('booked', 'arrived')")
AHEAD = sa.text("state IN ('proposed', 'booked', 'arrived')")
WAITING = sa.text("state = 'waiting'")

HOLDS = sa.table(
    "holds",
    sa.column("id", sa.Integer),
    sa.column("course_id", sa.Integer),
    sa.column("patient_id", sa.Integer),
    sa.column("indication", sa.String),
    sa.column("starts_on", sa.Date),
    sa.column("ends_on", sa.Date),
    sa.column("reason", sa.String),
    sa.column("note", sa.String),
    sa.column("set_by_id", sa.Integer),
    sa.column("set_by", sa.String),
    sa.column("set_by_provider", sa.Boolean),
    sa.column("created_at", INSTANT),
)
COURSES = sa.table(
    "courses",
    sa.column("id", sa.Integer),
    sa.column("patient_id", sa.Integer),
    sa.column("indication", sa.String),
)
AUDIT = sa.table(
    "audit_events",
    sa.column("id", sa.Integer),
    sa.column("at", INSTANT),
    sa.column("user_id", sa.Integer),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("subject_id", sa.Integer),
)
# What free texts clearly say; all else is 'other', its text kept beside it.
SAID = {"pregnan": "pregnancy", "surg": "surgery", "infect": "infection"}


def upgrade():
    create_tables()
    widen_work_items()
    widen_appointments()
    widen_courses()
    with op.batch_alter_table("procedure_lengths") as lengths:
        lengths.drop_constraint(op.f("uq_procedure_lengths_clinic_id_indication"), type_="unique")
    add_filled("procedure_lengths", "visit_kind", CODE, "injection")
    with op.batch_alter_table("procedure_lengths") as lengths:
        lengths.create_unique_constraint(
            op.f("uq_procedure_lengths_clinic_id_visit_kind_indication"),
            ["clinic_id", "visit_kind", "indication"],
        )
    # The dates that are kept were computed before there were editions.
    for table in ("clinics", "courses"):
        add_filled(table, "rules_edition", sa.Integer(), "1")
    widen_treatments()
    give_holds_to_patients()
    with op.batch_alter_table("work_items") as items:
        items.add_column(sa.Column("hold_id", sa.Integer(), nullable=True))
        items.add_column(sa.Column("asked_by", NAME, nullable=True))
        items.add_column(sa.Column("note", NAME, nullable=True))
        items.create_foreign_key(op.f("fk_work_items_hold_id_holds"), "holds", ["hold_id"], ["id"])
        items.create_index(op.f("ix_work_items_hold_id"), ["hold_id"])


def create_tables():
    op.create_table(
        "visit_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("reason", CODE, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", NAME, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        *keys("visit_overrides", appointment_id="appointments", decided_by_id="users"),
        sa.UniqueConstraint(
            "appointment_id", "name", name=op.f("uq_visit_overrides_appointment_id_name")
        ),
    )
    op.create_index(op.f("ix_visit_overrides_appointment_id"), "visit_overrides", ["appointment_id"])
    create_requests()
    op.create_table(
        "standing_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("block", CODE, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", CODE, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", NAME, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        *keys("standing_decisions", course_id="courses", decided_by_id="users", ended_by_id="users"),
    )
    op.create_index(op.f("ix_standing_decisions_course_id"), "standing_decisions", ["course_id"])
    op.create_table(
        "override_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("block", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("text", NAME, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *keys("override_reasons", clinic_id="clinics"),
        sa.UniqueConstraint(
            "clinic_id", "block", "code", name=op.f("uq_override_reasons_clinic_id_block_code")
        ),
    )
    op.create_table(
        "forecast_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        *keys("forecast_changes", clinic_id="clinics", patient_id="patients", course_id="courses"),
        sa.UniqueConstraint(
            "course_id", "edition", name=op.f("uq_forecast_changes_course_id_edition")
        ),
    )
    op.create_index(op.f("ix_forecast_changes_clinic_id_id"), "forecast_changes", ["clinic_id", "id"])
    op.create_index(op.f("ix_forecast_changes_patient_id"), "forecast_changes", ["patient_id"])


def create_requests():
    op.create_table(
        "override_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", NAME, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_by", NAME, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=True),
        *keys(
            "override_requests",
            clinic_id="clinics",
            patient_id="patients",
            course_id="courses",
            appointment_id="appointments",
            provider_id="providers",
            asked_by_id="users",
            answered_by_id="users",
        ),
    )
    op.create_index(op.f("ix_override_requests_patient_id"), "override_requests", ["patient_id"])
    op.create_index(op.f("ix_override_requests_appointment_id"), "override_requests", ["appointment_id"])
    for name, columns, unique in (
        ("ix_override_requests_waiting", ["clinic_id", "expires_at"], False),
        ("uq_override_requests_waiting", ["appointment_id"], True),
    ):
        op.create_index(
            name,
            "override_requests",
            columns,
            unique=unique,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )


def keys(table, **references):
    """The primary key, and a foreign key for each column that refers to another table's id."""
    yield sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    for column, other in references.items():
        name = op.f(f"fk_{table}_{column}_{other}")
        yield sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def widen_work_items():
    with op.batch_alter_table("work_items") as items:
        items.add_column(sa.Column("override_request_id", sa.Integer(), nullable=True))
        items.create_foreign_key(
            op.f("fk_work_items_override_request_id_override_requests"),
            "override_requests",
            ["override_request_id"],
            ["id"],
        )
        items.create_index(op.f("ix_work_items_override_request_id"), ["override_request_id"])


def widen_courses():
    """What turns with the day is found by its day; all blocks at once are longer than a name."""
    with op.batch_alter_table("courses") as courses:
        for name in ("consulted_on", "exposed_on", "turns_on"):
            courses.add_column(sa.Column(name, sa.Date(), nullable=True))
        courses.alter_column("blocks", existing_type=NAME, type_=BLOCKS, existing_nullable=False)
        courses.create_index(op.f("ix_courses_clinic_id_turns_on"), ["clinic_id", "turns_on"])


def widen_appointments():
    lift_guard()
    op.add_column("appointments", sa.Column("outcome", CODE, nullable=True))
    add_filled("appointments", "kind", CODE, "injection")
    carry_overrides_over()
    with op.batch_alter_table("appointments") as appointments:
        appointments.drop_constraint(op.f("fk_appointments_override_by_id_users"), type_="foreignkey")
        appointments.drop_column("override_by_id")
        appointments.drop_column("override_reason")
    op.create_index(
        "uq_appointments_open_course",
        "appointments",
        ["course_id", "kind"],
        unique=True,
        sqlite_where=AHEAD,
        postgresql_where=AHEAD,
    )
    guard_against_overlaps(OCCUPYING)


def lift_guard():
    """Nothing guards the visits until `guard_against_overlaps` is called again."""
    op.drop_index("uq_appointments_open_course", table_name="appointments")
    if op.get_context().dialect.name == "postgresql":
        for owner in ("provider_id", "patient_id"):
            op.execute(f"ALTER TABLE appointments DROP CONSTRAINT ex_appointments_{owner}_overlap")
    else:
        for moment in ("insert", "update"):
            op.execute(f"DROP TRIGGER tr_appointments_overlap_{moment}")


def guard_against_overlaps(states):
    """One provider, and one patient, has one visit at a time: by exclusion or by triggers."""
    occupying = f"state IN {states} AND NOT overbooked"
    if op.get_context().dialect.name == "postgresql":
        for owner in ("provider_id", "patient_id"):
            op.execute(
                f"ALTER TABLE appointments ADD CONSTRAINT ex_appointments_{owner}_overlap EXCLUDE USING gist ("
                f"int4range({owner}, {owner}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&"
                f") WHERE ({occupying})"
            )
    else:
        for moment in ("insert", "update"):
            op.execute(f"""
CREATE TRIGGER tr_appointments_overlap_{moment} BEFORE {moment.upper()} ON appointments
WHEN NEW.state IN {states} AND NOT NEW.overbooked
BEGIN
  SELECT RAISE(ABORT, 'appointment overlap') FROM appointments
  WHERE id IS NOT NEW.id AND {occupying}
    AND (provider_id = NEW.provider_id OR patient_id = NEW.patient_id)
    AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at;
END""")


def carry_overrides_over():
    """A visit kept that it was overridden and why, but not what: that is told by its day and its reason."""
    early = "a.local_date < c.earliest_date"
    for name, where in (
        ("too_early", early),
        ("over_cap", f"(NOT {early} OR a.override_reason = 'dose_adjusted')"),
    ):
        op.execute(
            "INSERT INTO visit_overrides (appointment_id, name, reason, decided_by_id, decided_by, decided_at)"
            f" SELECT a.id, '{name}', a.override_reason, a.override_by_id,"
            " coalesce(nullif(u.name, ''), 'A provider'), a.updated_at"
            " FROM appointments a JOIN courses c ON c.id = a.course_id"
            " LEFT JOIN users u ON u.id = a.override_by_id"
            f" WHERE a.override_reason IS NOT NULL AND {where} ORDER BY a.id"
        )


def widen_treatments():
    """Who recorded them is in the audit record."""
    with op.batch_alter_table("treatments") as treatments:
        treatments.drop_constraint(op.f("uq_treatments_appointment_id"), type_="unique")
        treatments.add_column(sa.Column("recorded_by_id", sa.Integer(), nullable=True))
        treatments.create_foreign_key(
            op.f("fk_treatments_recorded_by_id_users"), "users", ["recorded_by_id"], ["id"]
        )
        treatments.create_index(op.f("ix_treatments_appointment_id"), ["appointment_id"])
    op.execute(
        "UPDATE treatments SET recorded_by_id = e.user_id FROM audit_events e"
        " WHERE e.subject = 'treatments' AND e.action = 'recorded' AND e.subject_id = treatments.id"
    )


def give_holds_to_patients():
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("patient_id", sa.Integer(), nullable=True))
        holds.add_column(sa.Column("indication", CODE, nullable=True))
        holds.add_column(sa.Column("note", NAME, nullable=True))
        holds.add_column(sa.Column("set_by_id", sa.Integer(), nullable=True))
        holds.add_column(sa.Column("set_by", NAME, nullable=True))
        holds.add_column(
            sa.Column("set_by_provider", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        holds.add_column(sa.Column("created_at", INSTANT, nullable=True))
    fill_holds(op.get_bind())
    with op.batch_alter_table("holds") as holds:
        holds.drop_index(op.f("ix_holds_ends_on_starts_on_course_id"))
        holds.drop_index(op.f("ix_holds_course_id"))
        holds.drop_constraint(op.f("fk_holds_course_id_courses"), type_="foreignkey")
        holds.drop_column("course_id")
        holds.alter_column("patient_id", existing_type=sa.Integer(), nullable=False)
        holds.alter_column("reason", existing_type=NAME, type_=CODE, existing_nullable=False)
        holds.alter_column(
            "set_by_provider", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        holds.create_foreign_key(op.f("fk_holds_patient_id_patients"), "patients", ["patient_id"], ["id"])
        holds.create_foreign_key(op.f("fk_holds_set_by_id_users"), "users", ["set_by_id"], ["id"])
        holds.create_index(op.f("ix_holds_patient_id"), ["patient_id"])
        holds.create_index(
            op.f("ix_holds_ends_on_starts_on_patient_id_indication"),
            ["ends_on", "starts_on", "patient_id", "indication"],
        )


def fill_holds(connection):
    """Whose they are from their course, why from their text, and who set them from the audit record.

    The same days for the same indication are one hold, whichever courses had them.
    """
    setters = {event.subject_id: event for event in holdings(connection)}
    providers = set(
        connection.execute(
            sa.text(
                "SELECT user_id FROM user_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'provider'"
            )
        ).scalars()
    )
    columns = (HOLDS.c.id, HOLDS.c.course_id, HOLDS.c.starts_on, HOLDS.c.ends_on, HOLDS.c.reason)
    rows = connection.execute(
        sa.select(*columns, COURSES.c.patient_id, COURSES.c.indication)
        .join_from(HOLDS, COURSES, COURSES.c.id == HOLDS.c.course_id)
        .order_by(HOLDS.c.id.desc())
    ).all()
    seen = set()
    for row in rows:
        same = (row.patient_id, row.indication, row.starts_on, row.ends_on, row.reason)
        mine = HOLDS.c.id == row.id
        if same in seen:
            connection.execute(HOLDS.delete().where(mine))
            continue
        seen.add(same)
        setter = setters.get(row.course_id)
        connection.execute(
            HOLDS.update()
            .where(mine)
            .values(
                patient_id=row.patient_id,
                indication=row.indication,
                reason=coded(row.reason),
                note=row.reason or None,
                set_by_id=setter.user_id if setter else None,
                set_by=setter.actor if setter else None,
                set_by_provider=bool(setter and setter.user_id in providers),
                created_at=setter.at if setter else None,
            )
        )


def holdings(connection):
    """Audit rows of courses put on hold, the oldest first, so that the newest of a course is kept."""
    wanted = AUDIT.select().where(AUDIT.c.subject == "courses", AUDIT.c.action == "held")
    return connection.execute(wanted.order_by(AUDIT.c.id)).all()


def coded(text):
    return next((reason for part, reason in SAID.items() if part in text.lower()), "other")


def add_filled(table, name, kind, value):
    """A column that rows there are already need a value for, and new ones are given theirs by the application."""
    with op.batch_alter_table(table) as altered:
        altered.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table(table) as altered:
        altered.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade():
    """Visits the former tables cannot hold are cancelled; a patient's hold becomes one of each course."""
    with op.batch_alter_table("work_items") as items:
        items.drop_index(op.f("ix_work_items_hold_id"))
        items.drop_constraint(op.f("fk_work_items_hold_id_holds"), type_="foreignkey")
        for column in ("note", "asked_by", "hold_id"):
            items.drop_column(column)
    give_holds_to_courses()
    narrow_treatments()
    with op.batch_alter_table("clinics") as clinics:
        clinics.drop_column("rules_edition")
    op.execute("DELETE FROM procedure_lengths WHERE visit_kind <> 'injection'")
    with op.batch_alter_table("procedure_lengths") as lengths:
        lengths.drop_constraint(
            op.f("uq_procedure_lengths_clinic_id_visit_kind_indication"), type_="unique"
        )
        lengths.drop_column("visit_kind")
        lengths.create_unique_constraint(
            op.f("uq_procedure_lengths_clinic_id_indication"), ["clinic_id", "indication"]
        )
    with op.batch_alter_table("courses") as courses:
        courses.drop_index(op.f("ix_courses_clinic_id_turns_on"))
        courses.alter_column("blocks", existing_type=BLOCKS, type_=NAME, existing_nullable=False)
        for name in ("turns_on", "exposed_on", "consulted_on", "rules_edition"):
            courses.drop_column(name)
    narrow_appointments()
    with op.batch_alter_table("work_items") as items:
        items.drop_index(op.f("ix_work_items_override_request_id"))
        items.drop_constraint(
            op.f("fk_work_items_override_request_id_override_requests"), type_="foreignkey"
        )
        items.drop_column("override_request_id")
    for table in (
        "forecast_changes",
        "override_reasons",
        "standing_decisions",
        "override_requests",
        "visit_overrides",
    ):
        op.drop_table(table)


def give_holds_to_courses():
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("course_id", sa.Integer(), nullable=True))
        holds.alter_column("reason", existing_type=CODE, type_=NAME, existing_nullable=False)
    op.execute(
        "INSERT INTO holds (course_id, patient_id, starts_on, ends_on, reason, set_by_provider)"
        " SELECT c.id, h.patient_id, h.starts_on, h.ends_on, coalesce(h.note, h.reason), h.set_by_provider"
        " FROM holds h JOIN courses c ON c.patient_id = h.patient_id"
        " AND (h.indication IS NULL OR h.indication = c.indication) ORDER BY h.id, c.id"
    )
    op.execute("DELETE FROM holds WHERE course_id IS NULL")
    with op.batch_alter_table("holds") as holds:
        holds.drop_index(op.f("ix_holds_ends_on_starts_on_patient_id_indication"))
        holds.drop_index(op.f("ix_holds_patient_id"))
        holds.drop_constraint(op.f("fk_holds_set_by_id_users"), type_="foreignkey")
        holds.drop_constraint(op.f("fk_holds_patient_id_patients"), type_="foreignkey")
        for column in ("created_at", "set_by_provider", "set_by", "set_by_id", "note", "indication"):
            holds.drop_column(column)
        holds.drop_column("patient_id")
        holds.alter_column("course_id", existing_type=sa.Integer(), nullable=False)
        holds.create_foreign_key(op.f("fk_holds_course_id_courses"), "courses", ["course_id"], ["id"])
        holds.create_index(op.f("ix_holds_course_id"), ["course_id"])
        holds.create_index(
            op.f("ix_holds_ends_on_starts_on_course_id"), ["ends_on", "starts_on", "course_id"]
        )


def narrow_treatments():
    """Of several rows of one visit the first stays with it."""
    op.execute(
        "UPDATE treatments SET appointment_id = NULL WHERE id NOT IN"
        " (SELECT min(id) FROM treatments WHERE appointment_id IS NOT NULL GROUP BY appointment_id)"
    )
    with op.batch_alter_table("treatments") as treatments:
        treatments.drop_index(op.f("ix_treatments_appointment_id"))
        treatments.drop_constraint(op.f("fk_treatments_recorded_by_id_users"), type_="foreignkey")
        treatments.drop_column("recorded_by_id")
        treatments.create_unique_constraint(op.f("uq_treatments_appointment_id"), ["appointment_id"])


def give_overrides_back():
    """The former tables keep one reason a visit: the first a provider gave for its day or for the cap."""
    for column, source in (("override_reason", "reason"), ("override_by_id", "decided_by_id")):
        op.execute(
            f"UPDATE appointments SET {column} = (SELECT o.{source} FROM visit_overrides o"
            " WHERE o.appointment_id = appointments.id AND o.name IN ('too_early', 'over_cap')"
            " ORDER BY o.id LIMIT 1)"
        )


def narrow_appointments():
    lift_guard()
    op.execute(
        "UPDATE appointments SET state = 'cancelled' WHERE state = 'proposed'"
        " OR (kind <> 'injection' AND state IN ('booked', 'arrived'))"
    )
    with op.batch_alter_table("appointments") as appointments:
        appointments.drop_column("outcome")
        appointments.drop_column("kind")
        appointments.add_column(sa.Column("override_reason", CODE, nullable=True))
        appointments.add_column(sa.Column("override_by_id", sa.Integer(), nullable=True))
        appointments.create_foreign_key(
            op.f("fk_appointments_override_by_id_users"), "users", ["override_by_id"], ["id"]
        )
    give_overrides_back()
    op.create_index(
        "uq_appointments_open_course",
        "appointments",
        ["course_id"],
        unique=True,
        sqlite_where=AHEAD_BEFORE,
        postgresql_where=AHEAD_BEFORE,
    )
    guard_against_overlaps(OCCUPYING_BEFORE)
