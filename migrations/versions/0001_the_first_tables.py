"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


OCCUPYING = "state IN ('booked', 'arrived', 'fulfilled') AND NOT overbooked"


def guard_against_overlaps():
    """One provider, and one patient, has one visit at a time: by exclusion or by triggers."""
    if op.get_context().dialect.name == "postgresql":
        for owner in ("provider_id", "patient_id"):
            op.execute(
                f"ALTER TABLE appointments ADD CONSTRAINT ex_appointments_{owner}_overlap EXCLUDE USING gist ("
                f"int4range({owner}, {owner}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&"
                f") WHERE ({OCCUPYING})"
            )
    else:
        for moment in ("insert", "update"):
            op.execute(f"""
CREATE TRIGGER tr_appointments_overlap_{moment} BEFORE {moment.upper()} ON appointments
WHEN NEW.state IN ('booked', 'arrived', 'fulfilled') AND NOT NEW.overbooked
BEGIN
  SELECT RAISE(ABORT, 'appointment overlap') FROM appointments
  WHERE id IS NOT NEW.id AND {OCCUPYING}
    AND (provider_id = NEW.provider_id OR patient_id = NEW.patient_id)
    AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at;
END""")


def upgrade():
    op.create_table(
        "clinics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("contact_attempts_limit", sa.Integer(), nullable=False),
        sa.Column("contact_rest_days", sa.Integer(), nullable=False),
        sa.Column("reminders_off", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinics")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "worker", name=op.f("uq_job_runs_job_worker")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mrn", sa.String(length=40), nullable=False),
        sa.Column("family_name", sa.String(length=120), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("weight_kg", sa.Numeric(precision=5, scale=1), nullable=True),
        sa.Column("weighed_on", sa.Date(), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("preferred_channel", sa.String(length=40), nullable=False),
        sa.Column("do_not_contact", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_patients_clinic_id_clinics")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["patients.id"], name=op.f("fk_patients_merged_into_id_patients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("clinic_id", "mrn", name=op.f("uq_patients_clinic_id_mrn")),
    )
    op.create_index(op.f("ix_patients_clinic_id"), "patients", ["clinic_id"], unique=False)
    op.create_index(
        op.f("ix_patients_clinic_id_family_name_given_name"),
        "patients",
        ["clinic_id", "family_name", "given_name"],
        unique=False,
    )
    op.create_index(
        "ix_patients_gone",
        "patients",
        ["clinic_id", "id"],
        unique=False,
        sqlite_where=sa.text("deceased_on IS NOT NULL OR moved_on IS NOT NULL"),
        postgresql_where=sa.text("deceased_on IS NOT NULL OR moved_on IS NOT NULL"),
    )
    op.create_table(
        "procedure_lengths",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("indication", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "minutes BETWEEN 5 AND 480", name=op.f("ck_procedure_lengths_minutes_within_a_day")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_procedure_lengths_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_lengths")),
        sa.UniqueConstraint(
            "clinic_id", "indication", name=op.f("uq_procedure_lengths_clinic_id_indication")
        ),
    )
    op.create_index(op.f("ix_procedure_lengths_clinic_id"), "procedure_lengths", ["clinic_id"], unique=False)
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("visit_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_providers_clinic_id_clinics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("uq_providers_clinic_id_name")),
    )
    op.create_index(op.f("ix_providers_clinic_id"), "providers", ["clinic_id"], unique=False)
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("reveal", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(patient_id IS NULL) <> (provider_id IS NULL)", name=op.f("ck_calendar_feeds_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_calendar_feeds_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_calendar_feeds_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_calendar_feeds_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_calendar_feeds_token_sha256")),
    )
    op.create_index(op.f("ix_calendar_feeds_clinic_id"), "calendar_feeds", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_calendar_feeds_patient_id"), "calendar_feeds", ["patient_id"], unique=False)
    op.create_index(op.f("ix_calendar_feeds_provider_id"), "calendar_feeds", ["provider_id"], unique=False)
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_closures_starts_before_end")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_closures_clinic_id_clinics")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_closures_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index(op.f("ix_closures_clinic_id"), "closures", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_closures_provider_id"), "closures", ["provider_id"], unique=False)
    op.create_table(
        "patient_search_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_patient_search_keys_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_search_keys_patient_id_patients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_search_keys")),
    )
    op.create_index(
        op.f("ix_patient_search_keys_clinic_id_key_patient_id"),
        "patient_search_keys",
        ["clinic_id", "key", "patient_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_patient_search_keys_patient_id"), "patient_search_keys", ["patient_id"], unique=False
    )
    op.create_table(
        "provider_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_provider_hours_starts_before_end")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_provider_hours_weekday_monday_is_0")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_provider_hours_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_hours")),
        sa.UniqueConstraint(
            "provider_id",
            "weekday",
            "starts_at",
            name=op.f("uq_provider_hours_provider_id_weekday_starts_at"),
        ),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_users_clinic_id_clinics")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_users_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
    )
    op.create_index(op.f("ix_users_clinic_id"), "users", ["clinic_id"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_audit_events_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_audit_events_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_events_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_clinic_id"), "audit_events", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_audit_events_patient_id"), "audit_events", ["patient_id"], unique=False)
    op.create_table(
        "protocol_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("indication", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_protocol_versions_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_protocol_versions_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_versions")),
        sa.UniqueConstraint(
            "clinic_id",
            "indication",
            "version",
            name=op.f("uq_protocol_versions_clinic_id_indication_version"),
        ),
    )
    op.create_index(op.f("ix_protocol_versions_clinic_id"), "protocol_versions", ["clinic_id"], unique=False)
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id_roles")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("protocol_version_id", sa.Integer(), nullable=False),
        sa.Column("indication", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("stop_reason", sa.String(length=120), nullable=True),
        sa.Column("planned_units", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("personal_interval", sa.String(length=20), nullable=True),
        sa.Column("payer_minimum_interval", sa.String(length=20), nullable=True),
        sa.Column("authorization_required", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cycles_given", sa.Integer(), nullable=False),
        sa.Column("reference_on", sa.Date(), nullable=True),
        sa.Column("earliest_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("overdue_date", sa.Date(), nullable=False),
        sa.Column("lapse_date", sa.Date(), nullable=False),
        sa.Column("blocks", sa.String(length=120), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("booking", sa.String(length=40), nullable=False),
        sa.Column("next_visit_uid", sa.String(length=40), nullable=False),
        sa.Column("forecast_sequence", sa.Integer(), nullable=False),
        sa.Column("forecast_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders_planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_courses_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_courses_patient_id_patients")),
        sa.ForeignKeyConstraint(
            ["protocol_version_id"],
            ["protocol_versions.id"],
            name=op.f("fk_courses_protocol_version_id_protocol_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_courses_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("uid", name=op.f("uq_courses_uid")),
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
        "ix_courses_by_overdue_date",
        "courses",
        ["clinic_id", "overdue_date", "due_date", "id", "booking", "provider_id", "patient_id", "stopped_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_courses_clinic_id_stopped_on_due_date"),
        "courses",
        ["clinic_id", "stopped_on", "due_date"],
        unique=False,
    )
    op.create_index(op.f("ix_courses_patient_id"), "courses", ["patient_id"], unique=False)
    op.create_index(
        op.f("ix_courses_provider_id_due_date"), "courses", ["provider_id", "due_date"], unique=False
    )
    op.create_index(
        op.f("ix_courses_reminders_planned_at"), "courses", ["reminders_planned_at"], unique=False
    )
    op.create_index(
        "uq_courses_open",
        "courses",
        ["patient_id", "indication", "product"],
        unique=True,
        sqlite_where=sa.text("stopped_on IS NULL"),
        postgresql_where=sa.text("stopped_on IS NULL"),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("overbooked", sa.Boolean(), nullable=False),
        sa.Column("cancel_reason", sa.String(length=40), nullable=True),
        sa.Column("override_reason", sa.String(length=40), nullable=True),
        sa.Column("override_by_id", sa.Integer(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointments_starts_before_end")),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_appointments_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_appointments_course_id_courses")
        ),
        sa.ForeignKeyConstraint(
            ["override_by_id"], ["users.id"], name=op.f("fk_appointments_override_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_appointments_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_appointments_idempotency_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_appointments_uid")),
    )
    op.create_index(op.f("ix_appointments_clinic_id"), "appointments", ["clinic_id"], unique=False)
    op.create_index(
        op.f("ix_appointments_clinic_id_local_date"),
        "appointments",
        ["clinic_id", "local_date"],
        unique=False,
    )
    op.create_index(op.f("ix_appointments_course_id"), "appointments", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_appointments_patient_id_starts_at"),
        "appointments",
        ["patient_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_provider_id_starts_at"),
        "appointments",
        ["provider_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "uq_appointments_open_course",
        "appointments",
        ["course_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('booked', 'arrived')"),
        postgresql_where=sa.text("state IN ('booked', 'arrived')"),
    )
    op.create_table(
        "authorizations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("visits_left", sa.Integer(), nullable=True),
        sa.Column("units_left", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_authorizations_course_id_courses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
    )
    op.create_index(op.f("ix_authorizations_course_id"), "authorizations", ["course_id"], unique=False)
    op.create_table(
        "contact_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("hide_until", sa.Date(), nullable=True),
        sa.Column("hidden_before", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_contact_attempts_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_contact_attempts_course_id_courses")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_contact_attempts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempts")),
    )
    op.create_index(op.f("ix_contact_attempts_clinic_id"), "contact_attempts", ["clinic_id"], unique=False)
    op.create_index(
        op.f("ix_contact_attempts_clinic_id_hide_until_course_id"),
        "contact_attempts",
        ["clinic_id", "hide_until", "course_id"],
        unique=False,
    )
    op.create_index(op.f("ix_contact_attempts_course_id"), "contact_attempts", ["course_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_holds_course_id_courses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_course_id"), "holds", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_holds_ends_on_starts_on_course_id"),
        "holds",
        ["ends_on", "starts_on", "course_id"],
        unique=False,
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("suppressed_reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_reminders_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_reminders_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_reminders_course_id_courses")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_reminders_patient_id_patients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_reminders_dedupe_key")),
    )
    op.create_index(op.f("ix_reminders_appointment_id"), "reminders", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_reminders_clinic_id"), "reminders", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_reminders_course_id"), "reminders", ["course_id"], unique=False)
    op.create_index(op.f("ix_reminders_patient_id"), "reminders", ["patient_id"], unique=False)
    op.create_index(
        "ix_reminders_pending_due",
        "reminders",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "treatments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("units_wasted", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=True),
        sa.Column("lot_expires_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sites", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=120), nullable=True),
        sa.Column("evaluation", sa.String(length=40), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("payer_too_soon", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_treatments_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_treatments_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_treatments_course_id_courses")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_treatments_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_treatments_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatments")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_treatments_appointment_id")),
        sa.UniqueConstraint("clinic_id", "fingerprint", name=op.f("uq_treatments_clinic_id_fingerprint")),
        sa.UniqueConstraint("uid", name=op.f("uq_treatments_uid")),
    )
    op.create_index(op.f("ix_treatments_clinic_id"), "treatments", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_treatments_course_id"), "treatments", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_treatments_patient_id_given_on"), "treatments", ["patient_id", "given_on"], unique=False
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("provider_reference", sa.String(length=120), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_messages_clinic_id_clinics")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_messages_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_messages_reminder_id_reminders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("reminder_id", name=op.f("uq_messages_reminder_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_messages_uid")),
    )
    op.create_index(op.f("ix_messages_clinic_id"), "messages", ["clinic_id"], unique=False)
    op.create_index(
        "ix_messages_open_next_attempt",
        "messages",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(op.f("ix_messages_patient_id"), "messages", ["patient_id"], unique=False)
    op.create_table(
        "treatment_vials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("units", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("units_wasted", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["treatment_id"], ["treatments.id"], name=op.f("fk_treatment_vials_treatment_id_treatments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment_vials")),
    )
    op.create_index(
        op.f("ix_treatment_vials_treatment_id"), "treatment_vials", ["treatment_id"], unique=False
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_delivery_attempts_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(
        op.f("ix_delivery_attempts_message_id"), "delivery_attempts", ["message_id"], unique=False
    )
    guard_against_overlaps()


def downgrade():
    op.drop_index(op.f("ix_delivery_attempts_message_id"), table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_index(op.f("ix_treatment_vials_treatment_id"), table_name="treatment_vials")
    op.drop_table("treatment_vials")
    op.drop_index(op.f("ix_messages_patient_id"), table_name="messages")
    op.drop_index(
        "ix_messages_open_next_attempt",
        table_name="messages",
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.drop_index(op.f("ix_messages_clinic_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_treatments_patient_id_given_on"), table_name="treatments")
    op.drop_index(op.f("ix_treatments_course_id"), table_name="treatments")
    op.drop_index(op.f("ix_treatments_clinic_id"), table_name="treatments")
    op.drop_table("treatments")
    op.drop_index(
        "ix_reminders_pending_due",
        table_name="reminders",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(op.f("ix_reminders_patient_id"), table_name="reminders")
    op.drop_index(op.f("ix_reminders_course_id"), table_name="reminders")
    op.drop_index(op.f("ix_reminders_clinic_id"), table_name="reminders")
    op.drop_index(op.f("ix_reminders_appointment_id"), table_name="reminders")
    op.drop_table("reminders")
    op.drop_index(op.f("ix_holds_ends_on_starts_on_course_id"), table_name="holds")
    op.drop_index(op.f("ix_holds_course_id"), table_name="holds")
    op.drop_table("holds")
    op.drop_index(op.f("ix_contact_attempts_course_id"), table_name="contact_attempts")
    op.drop_index(op.f("ix_contact_attempts_clinic_id_hide_until_course_id"), table_name="contact_attempts")
    op.drop_index(op.f("ix_contact_attempts_clinic_id"), table_name="contact_attempts")
    op.drop_table("contact_attempts")
    op.drop_index(op.f("ix_authorizations_course_id"), table_name="authorizations")
    op.drop_table("authorizations")
    op.drop_index(
        "uq_appointments_open_course",
        table_name="appointments",
        sqlite_where=sa.text("state IN ('booked', 'arrived')"),
        postgresql_where=sa.text("state IN ('booked', 'arrived')"),
    )
    op.drop_index(op.f("ix_appointments_provider_id_starts_at"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_patient_id_starts_at"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_course_id"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_clinic_id_local_date"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_clinic_id"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_index(
        "uq_courses_open",
        table_name="courses",
        sqlite_where=sa.text("stopped_on IS NULL"),
        postgresql_where=sa.text("stopped_on IS NULL"),
    )
    op.drop_index(op.f("ix_courses_reminders_planned_at"), table_name="courses")
    op.drop_index(op.f("ix_courses_provider_id_due_date"), table_name="courses")
    op.drop_index(op.f("ix_courses_patient_id"), table_name="courses")
    op.drop_index(op.f("ix_courses_clinic_id_stopped_on_due_date"), table_name="courses")
    op.drop_index("ix_courses_by_overdue_date", table_name="courses")
    op.drop_index("ix_courses_by_booking", table_name="courses")
    op.drop_table("courses")
    op.drop_table("user_roles")
    op.drop_index(op.f("ix_protocol_versions_clinic_id"), table_name="protocol_versions")
    op.drop_table("protocol_versions")
    op.drop_index(op.f("ix_audit_events_patient_id"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_clinic_id"), table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_index(op.f("ix_users_clinic_id"), table_name="users")
    op.drop_table("users")
    op.drop_table("provider_hours")
    op.drop_index(op.f("ix_patient_search_keys_patient_id"), table_name="patient_search_keys")
    op.drop_index(op.f("ix_patient_search_keys_clinic_id_key_patient_id"), table_name="patient_search_keys")
    op.drop_table("patient_search_keys")
    op.drop_index(op.f("ix_closures_provider_id"), table_name="closures")
    op.drop_index(op.f("ix_closures_clinic_id"), table_name="closures")
    op.drop_table("closures")
    op.drop_index(op.f("ix_calendar_feeds_provider_id"), table_name="calendar_feeds")
    op.drop_index(op.f("ix_calendar_feeds_patient_id"), table_name="calendar_feeds")
    op.drop_index(op.f("ix_calendar_feeds_clinic_id"), table_name="calendar_feeds")
    op.drop_table("calendar_feeds")
    op.drop_index(op.f("ix_providers_clinic_id"), table_name="providers")
    op.drop_table("providers")
    op.drop_index(op.f("ix_procedure_lengths_clinic_id"), table_name="procedure_lengths")
    op.drop_table("procedure_lengths")
    op.drop_index(
        "ix_patients_gone",
        table_name="patients",
        sqlite_where=sa.text("deceased_on IS NOT NULL OR moved_on IS NOT NULL"),
        postgresql_where=sa.text("deceased_on IS NOT NULL OR moved_on IS NOT NULL"),
    )
    op.drop_index(op.f("ix_patients_clinic_id_family_name_given_name"), table_name="patients")
    op.drop_index(op.f("ix_patients_clinic_id"), table_name="patients")
    op.drop_table("patients")
    op.drop_table("roles")
    op.drop_table("job_runs")
    op.drop_table("clinics")
