"""Reminder rules and wording, consents, what comes back, several clinics a person, named calendar links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CODE = sa.String(length=40)
NAME = sa.String(length=120)
ONE_SUBJECT_BEFORE = "(patient_id IS NULL) <> (provider_id IS NULL)"
ONE_SUBJECT = (
    "(kind = 'patient' AND patient_id IS NOT NULL AND provider_id IS NULL)"
    " OR (kind = 'provider' AND provider_id IS NOT NULL AND patient_id IS NULL)"
    " OR (kind IN ('clinic_day', 'due_windows') AND patient_id IS NULL AND provider_id IS NULL)"
)


def upgrade():
    create_tables()
    op.execute("INSERT INTO user_clinics (user_id, clinic_id) SELECT id, clinic_id FROM users")
    # Added in place: rebuilding the table would lose its guards against overlapping visits.
    op.add_column("appointments", sa.Column("confirmed_at", INSTANT, nullable=True))
    op.add_column("appointments", sa.Column("confirmed_by", CODE, nullable=True))
    widen_clinics_and_patients()
    widen_calendar_feeds()
    widen_outbox()
    widen_treatments()


def create_tables():
    op.create_table('staff_notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('to_address', sa.String(length=120), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_staff_notices_clinic_id_clinics')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notices')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_staff_notices_dedupe_key'))
    )
    op.create_index(op.f('ix_staff_notices_clinic_id'), 'staff_notices', ['clinic_id'], unique=False)
    op.create_index('ix_staff_notices_open', 'staff_notices', ['next_attempt_at'], unique=False, sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))
    op.create_table('busy_calendars',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('etag', sa.String(length=120), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_busy_calendars_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['provider_id'], ['providers.id'], name=op.f('fk_busy_calendars_provider_id_providers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_busy_calendars'))
    )
    op.create_index(op.f('ix_busy_calendars_clinic_id'), 'busy_calendars', ['clinic_id'], unique=False)
    op.create_index(op.f('ix_busy_calendars_provider_id'), 'busy_calendars', ['provider_id'], unique=False)
    op.create_table('busy_times',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('busy_calendar_id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_busy_times_starts_before_end')),
    sa.ForeignKeyConstraint(['busy_calendar_id'], ['busy_calendars.id'], name=op.f('fk_busy_times_busy_calendar_id_busy_calendars')),
    sa.ForeignKeyConstraint(['provider_id'], ['providers.id'], name=op.f('fk_busy_times_provider_id_providers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_busy_times'))
    )
    op.create_index(op.f('ix_busy_times_busy_calendar_id'), 'busy_times', ['busy_calendar_id'], unique=False)
    op.create_index(op.f('ix_busy_times_provider_id_starts_at'), 'busy_times', ['provider_id', 'starts_at'], unique=False)
    op.create_table('consents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('patient_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('channel', sa.String(length=40), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('how', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_consents_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_consents_patient_id_patients')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_consents_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index(op.f('ix_consents_clinic_id'), 'consents', ['clinic_id'], unique=False)
    op.create_index(op.f('ix_consents_patient_id_purpose_channel_id'), 'consents', ['patient_id', 'purpose', 'channel', 'id'], unique=False)
    op.create_table('message_templates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('channel', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_message_templates_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['updated_by_id'], ['users.id'], name=op.f('fk_message_templates_updated_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_templates')),
    sa.UniqueConstraint('clinic_id', 'kind', 'channel', 'language', name=op.f('uq_message_templates_clinic_id_kind_channel_language'))
    )
    op.create_index(op.f('ix_message_templates_clinic_id'), 'message_templates', ['clinic_id'], unique=False)
    op.create_table('reminder_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('indication', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('days', sa.String(length=120), nullable=False),
    sa.Column('repeat_days', sa.Integer(), nullable=True),
    sa.Column('most', sa.Integer(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_reminder_rules_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['updated_by_id'], ['users.id'], name=op.f('fk_reminder_rules_updated_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_rules')),
    sa.UniqueConstraint('clinic_id', 'indication', 'kind', name=op.f('uq_reminder_rules_clinic_id_indication_kind'))
    )
    op.create_index(op.f('ix_reminder_rules_clinic_id'), 'reminder_rules', ['clinic_id'], unique=False)
    op.create_table('user_clinics',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_user_clinics_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_clinics_user_id_users')),
    sa.PrimaryKeyConstraint('user_id', 'clinic_id', name=op.f('pk_user_clinics'))
    )
    op.create_table('inbound_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=True),
    sa.Column('patient_id', sa.Integer(), nullable=True),
    sa.Column('appointment_id', sa.Integer(), nullable=True),
    sa.Column('sender', sa.String(length=40), nullable=False),
    sa.Column('provider_reference', sa.String(length=120), nullable=False),
    sa.Column('channel', sa.String(length=40), nullable=False),
    sa.Column('from_address', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('meaning', sa.String(length=40), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_inbound_messages_appointment_id_appointments')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_inbound_messages_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_inbound_messages_patient_id_patients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_messages')),
    sa.UniqueConstraint('sender', 'provider_reference', name=op.f('uq_inbound_messages_sender_provider_reference'))
    )
    op.create_index(op.f('ix_inbound_messages_clinic_id'), 'inbound_messages', ['clinic_id'], unique=False)
    op.create_index(op.f('ix_inbound_messages_patient_id'), 'inbound_messages', ['patient_id'], unique=False)
    op.create_table('delivery_receipts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sender', sa.String(length=40), nullable=False),
    sa.Column('provider_reference', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('detail', sa.String(length=120), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_delivery_receipts_message_id_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_receipts')),
    sa.UniqueConstraint('sender', 'provider_reference', 'state', name=op.f('uq_delivery_receipts_sender_provider_reference_state'))
    )
    op.create_index(op.f('ix_delivery_receipts_message_id'), 'delivery_receipts', ['message_id'], unique=False)
    op.create_table('work_items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.Column('patient_id', sa.Integer(), nullable=True),
    sa.Column('course_id', sa.Integer(), nullable=True),
    sa.Column('appointment_id', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('inbound_message_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_work_items_appointment_id_appointments')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinics.id'], name=op.f('fk_work_items_clinic_id_clinics')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['users.id'], name=op.f('fk_work_items_closed_by_id_users')),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_work_items_course_id_courses')),
    sa.ForeignKeyConstraint(['inbound_message_id'], ['inbound_messages.id'], name=op.f('fk_work_items_inbound_message_id_inbound_messages')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_work_items_message_id_messages')),
    sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_work_items_patient_id_patients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_items')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_work_items_dedupe_key'))
    )
    op.create_index(op.f('ix_work_items_clinic_id'), 'work_items', ['clinic_id'], unique=False)
    op.create_index(op.f('ix_work_items_message_id'), 'work_items', ['message_id'], unique=False)
    op.create_index('ix_work_items_open', 'work_items', ['clinic_id', 'opened_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index(op.f('ix_work_items_patient_id'), 'work_items', ['patient_id'], unique=False)


def widen_clinics_and_patients():
    op.add_column("clinics", sa.Column("text_name", NAME, nullable=True))
    op.add_column("clinics", sa.Column("digest_email", NAME, nullable=True))
    with op.batch_alter_table("patients") as patients:
        patients.add_column(sa.Column("fallback_channel", CODE, nullable=True))
        patients.add_column(sa.Column("language", CODE, nullable=False, server_default="en"))
        patients.add_column(sa.Column("zone", CODE, nullable=True))
        patients.add_column(sa.Column("calendar_by", CODE, nullable=False, server_default="feed"))
        patients.create_index(op.f("ix_patients_phone"), ["phone"])
    drop_defaults("patients", language=CODE, calendar_by=CODE)


def widen_calendar_feeds():
    with op.batch_alter_table("calendar_feeds") as feeds:
        feeds.drop_constraint(op.f("ck_calendar_feeds_one_subject"), type_="check")
        feeds.add_column(sa.Column("kind", CODE, nullable=False, server_default="patient"))
        feeds.add_column(sa.Column("uid", CODE, nullable=True))
        feeds.add_column(sa.Column("all_clinics", sa.Boolean(), nullable=False, server_default=sa.false()))
        feeds.add_column(sa.Column("cycles_ahead", sa.Integer(), nullable=False, server_default="0"))
        feeds.add_column(sa.Column("alarms", sa.Boolean(), nullable=False, server_default=sa.false()))
        feeds.add_column(sa.Column("created_by_id", sa.Integer(), nullable=True))
        feeds.create_unique_constraint(op.f("uq_calendar_feeds_uid"), ["uid"])
        feeds.create_foreign_key(
            op.f("fk_calendar_feeds_created_by_id_users"), "users", ["created_by_id"], ["id"]
        )
    op.execute("UPDATE calendar_feeds SET kind = 'provider' WHERE provider_id IS NOT NULL")
    with op.batch_alter_table("calendar_feeds") as feeds:
        feeds.create_check_constraint(op.f("ck_calendar_feeds_one_subject"), ONE_SUBJECT)
        feeds.alter_column("kind", existing_type=CODE, existing_nullable=False, server_default=None)
        for flag in ("all_clinics", "alarms"):
            feeds.alter_column(flag, existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        feeds.alter_column(
            "cycles_ahead", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )


def widen_outbox():
    op.add_column("messages", sa.Column("sender", CODE, nullable=True))
    op.add_column("messages", sa.Column("delivered_at", INSTANT, nullable=True))
    op.create_index(op.f("ix_messages_address_sent_at"), "messages", ["address", "sent_at"])
    op.create_index(op.f("ix_messages_clinic_id_created_at"), "messages", ["clinic_id", "created_at"])
    op.create_index(
        op.f("ix_messages_sender_provider_reference"), "messages", ["sender", "provider_reference"]
    )
    with op.batch_alter_table("reminders") as reminders:
        reminders.add_column(sa.Column("calendar_feed_id", sa.Integer(), nullable=True))
        reminders.alter_column("course_id", existing_type=sa.Integer(), nullable=True)
        reminders.create_index(op.f("ix_reminders_calendar_feed_id"), ["calendar_feed_id"])
        reminders.create_foreign_key(
            op.f("fk_reminders_calendar_feed_id_calendar_feeds"),
            "calendar_feeds",
            ["calendar_feed_id"],
            ["id"],
        )


def widen_treatments():
    with op.batch_alter_table("treatments") as treatments:
        treatments.add_column(sa.Column("accepted_at", INSTANT, nullable=True))
        treatments.add_column(sa.Column("accepted_by_id", sa.Integer(), nullable=True))
        treatments.add_column(sa.Column("accepted_reason", NAME, nullable=True))
        treatments.add_column(sa.Column("authorization_id", sa.Integer(), nullable=True))
        treatments.add_column(sa.Column("authorization_visits", sa.Integer(), nullable=True))
        treatments.add_column(sa.Column("authorization_units", sa.Numeric(8, 2), nullable=True))
        treatments.create_index(op.f("ix_treatments_authorization_id"), ["authorization_id"])
        treatments.create_foreign_key(
            op.f("fk_treatments_accepted_by_id_users"), "users", ["accepted_by_id"], ["id"]
        )
        treatments.create_foreign_key(
            op.f("fk_treatments_authorization_id_authorizations"),
            "authorizations",
            ["authorization_id"],
            ["id"],
        )


def drop_defaults(table, **columns):
    """What old rows were given; new rows are given theirs by the application."""
    with op.batch_alter_table(table) as altered:
        for column, kind in columns.items():
            altered.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade():
    """Links and messages of kinds that the former tables cannot hold are given up."""
    with op.batch_alter_table("treatments") as treatments:
        treatments.drop_constraint(
            op.f("fk_treatments_authorization_id_authorizations"), type_="foreignkey"
        )
        treatments.drop_constraint(op.f("fk_treatments_accepted_by_id_users"), type_="foreignkey")
        treatments.drop_index(op.f("ix_treatments_authorization_id"))
        for column in ("accepted_at", "accepted_by_id", "accepted_reason"):
            treatments.drop_column(column)
        for column in ("authorization_id", "authorization_visits", "authorization_units"):
            treatments.drop_column(column)
    narrow_outbox()
    narrow_calendar_feeds()
    with op.batch_alter_table("patients") as patients:
        patients.drop_index(op.f("ix_patients_phone"))
        for column in ("calendar_by", "zone", "language", "fallback_channel"):
            patients.drop_column(column)
    op.drop_column("clinics", "digest_email")
    op.drop_column("clinics", "text_name")
    op.drop_column("appointments", "confirmed_by")
    op.drop_column("appointments", "confirmed_at")
    drop_tables()


def narrow_outbox():
    op.execute("UPDATE work_items SET message_id = NULL")
    op.execute("DELETE FROM delivery_receipts")
    for table in ("delivery_attempts", "messages"):
        key = "message_id" if table == "delivery_attempts" else "id"
        op.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT m.id FROM messages m"
            " JOIN reminders r ON r.id = m.reminder_id WHERE r.course_id IS NULL)"
        )
    op.execute("DELETE FROM reminders WHERE course_id IS NULL")
    with op.batch_alter_table("reminders") as reminders:
        reminders.drop_constraint(
            op.f("fk_reminders_calendar_feed_id_calendar_feeds"), type_="foreignkey"
        )
        reminders.drop_index(op.f("ix_reminders_calendar_feed_id"))
        reminders.drop_column("calendar_feed_id")
        reminders.alter_column("course_id", existing_type=sa.Integer(), nullable=False)
    op.drop_index(op.f("ix_messages_sender_provider_reference"), table_name="messages")
    op.drop_index(op.f("ix_messages_clinic_id_created_at"), table_name="messages")
    op.drop_index(op.f("ix_messages_address_sent_at"), table_name="messages")
    op.drop_column("messages", "delivered_at")
    op.drop_column("messages", "sender")


def narrow_calendar_feeds():
    op.execute("DELETE FROM calendar_feeds WHERE kind NOT IN ('patient', 'provider')")
    with op.batch_alter_table("calendar_feeds") as feeds:
        feeds.drop_constraint(op.f("ck_calendar_feeds_one_subject"), type_="check")
        feeds.drop_constraint(op.f("fk_calendar_feeds_created_by_id_users"), type_="foreignkey")
        feeds.drop_constraint(op.f("uq_calendar_feeds_uid"), type_="unique")
        for column in ("created_by_id", "alarms", "cycles_ahead", "all_clinics", "uid", "kind"):
            feeds.drop_column(column)
        feeds.create_check_constraint(op.f("ck_calendar_feeds_one_subject"), ONE_SUBJECT_BEFORE)


def drop_tables():
    op.drop_index(op.f('ix_work_items_patient_id'), table_name='work_items')
    op.drop_index('ix_work_items_open', table_name='work_items', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_work_items_message_id'), table_name='work_items')
    op.drop_index(op.f('ix_work_items_clinic_id'), table_name='work_items')
    op.drop_table('work_items')
    op.drop_index(op.f('ix_delivery_receipts_message_id'), table_name='delivery_receipts')
    op.drop_table('delivery_receipts')
    op.drop_index(op.f('ix_inbound_messages_patient_id'), table_name='inbound_messages')
    op.drop_index(op.f('ix_inbound_messages_clinic_id'), table_name='inbound_messages')
    op.drop_table('inbound_messages')
    op.drop_table('user_clinics')
    op.drop_index(op.f('ix_reminder_rules_clinic_id'), table_name='reminder_rules')
    op.drop_table('reminder_rules')
    op.drop_index(op.f('ix_message_templates_clinic_id'), table_name='message_templates')
    op.drop_table('message_templates')
    op.drop_index(op.f('ix_consents_patient_id_purpose_channel_id'), table_name='consents')
    op.drop_index(op.f('ix_consents_clinic_id'), table_name='consents')
    op.drop_table('consents')
    op.drop_index(op.f('ix_busy_times_provider_id_starts_at'), table_name='busy_times')
    op.drop_index(op.f('ix_busy_times_busy_calendar_id'), table_name='busy_times')
    op.drop_table('busy_times')
    op.drop_index(op.f('ix_busy_calendars_provider_id'), table_name='busy_calendars')
    op.drop_index(op.f('ix_busy_calendars_clinic_id'), table_name='busy_calendars')
    op.drop_table('busy_calendars')
    op.drop_index('ix_staff_notices_open', table_name='staff_notices', sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))
    op.drop_index(op.f('ix_staff_notices_clinic_id'), table_name='staff_notices')
    op.drop_table('staff_notices')
