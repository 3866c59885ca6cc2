"""The browser's side: parse, one service or query, render."""

from flask import Flask
from flask_wtf import CSRFProtect

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.messaging.suppression_reasons import sentence
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.domain.visits.check_texts import TITLES
from clinic_scheduler.domain.visits.override_requests import next_step
from clinic_scheduler.domain.work_kinds import WorkOutcome
from clinic_scheduler.importing.files.limits import MAX_UPLOAD_BYTES
from clinic_scheduler.web import (
    assets,
    booking,
    charts,
    clinics,
    closures,
    code_texts,
    contact_attempts,
    courses,
    decisions,
    due,
    elsewhere,
    errors,
    exports,
    flash_messages,
    formats,
    health,
    hold_words,
    holds,
    messages,
    opt_out_link,
    override_requests,
    policies,
    provider_home,
    rule_changes,
    schedule,
    security_headers,
    sending_hold,
    sessions,
    sign_in,
    translated_pages,
    treatment_review,
    treatments,
    typed_input,
    visit_endings,
    visit_link,
    visits,
    webhooks,
    work_list,
)
from clinic_scheduler.web.calendars import busy_calendars, calendar_links, calendar_sends, feed, subscribe
from clinic_scheduler.web.context import actor, may_write, my_clinics, now, today, zone, zone_unknown
from clinic_scheduler.web.course_chart import dose_chart_of, dose_rows
from clinic_scheduler.web.due_filter import due_args
from clinic_scheduler.web.imports import import_columns, import_help, import_pages
from clinic_scheduler.web.limits import limiter
from clinic_scheduler.web.message_status_texts import message_state, suppression_reason
from clinic_scheduler.web.patients import (
    patient_edit,
    patient_merge,
    patient_pages,
    patient_status,
    patient_wishes,
)
from clinic_scheduler.web.settings import (
    settings_audit,
    settings_clinic,
    settings_labels,
    settings_mappings,
    settings_messages,
    settings_protocols,
    settings_providers,
    settings_reasons,
    settings_reminders,
    settings_staff,
)
from clinic_scheduler.web.urls import KeyConverter, addresses
from clinic_scheduler.web.why import to_say
from clinic_scheduler.web.work_list import work_waiting

csrf = CSRFProtect()
PAGES = (
    sign_in,
    clinics,
    due,
    rule_changes,
    contact_attempts,
    booking,
    override_requests,
    visits,
    visit_endings,
    schedule,
    closures,
    patient_pages,
    patient_edit,
    patient_status,
    patient_merge,
    patient_wishes,
    courses,
    holds,
    decisions,
    treatments,
    treatment_review,
    elsewhere,
    provider_home,
    messages,
    work_list,
    calendar_links,
    calendar_sends,
    feed,
    visit_link,
    opt_out_link,
    subscribe,
    settings_clinic,
    settings_providers,
    busy_calendars,
    settings_protocols,
    settings_labels,
    settings_reasons,
    settings_reminders,
    settings_staff,
    settings_messages,
    settings_audit,
    sending_hold,
    import_pages,
    import_columns,
    import_help,
    settings_mappings,
    exports,
    health,
    webhooks,
)


def register(app: Flask) -> None:
    """Hang every page and its policies on the app."""
    # A desk's page stays open for hours: a token lives as long as the sign-in. No Referer is ever sent.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD_BYTES
    typed_input.register(app)  # before anybody else reads a form
    csrf.init_app(app)
    # It only reads; anything else than reading is answered 405, in plain text.
    csrf.exempt(feed.blueprint)
    # Nobody is signed in there: who holds the link may answer, and a forger does not hold it.
    csrf.exempt(visit_link.blueprint)
    csrf.exempt(opt_out_link.blueprint)
    # Providers sign what they post; they have no form of ours.
    csrf.exempt(webhooks.blueprint)
    limiter.init_app(app)
    limiter.enabled = not app.testing  # a test suite signs in hundreds of times from one address
    security_headers.register(app)
    errors.register(app)
    health.register(app)
    sessions.register(app)
    policies.register(app)
    assets.register(app)
    translated_pages.register(app)
    app.url_map.converters["int"] = KeyConverter
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    _templates_know(app)


def _templates_know(app: Flask) -> None:
    """What templates may call; functions, so that a page that asks nothing costs no query."""
    app.jinja_env.filters.update(
        dated=formats.dated,
        state_words=formats.state_words,
        day=formats.day,
        short_day=formats.short_day,
        weekday=formats.weekday,
        against=lambda name: TITLES[Against(name)],
        clock=formats.clock,
        last_on_time=formats.last_on_time,
        words=formats.words,
        why=sentence,
        product=formats.product,
        units=formats.units,
        what_for=formats.what_for,
        given_day=formats.given_day,
        known_from=formats.known_from,
    )
    app.jinja_env.filters["moment_short"] = lambda value: formats.moment_short(value, today(), zone())
    app.jinja_env.filters["moment"] = lambda value: formats.moment(value, zone())
    app.jinja_env.globals.update(
        actor=actor,
        addresses=addresses,
        age=formats.age,
        authorization_tag=formats.authorization_tag,
        count_days=formats.count_days,
        dose_chart=lambda view: charts.dose_chart(dose_chart_of(view)),
        dose_rows=dose_rows,
        due_args=due_args,
        due_tags=formats.due_tags,
        held_now=hold_words.held_now,
        hold_reason=hold_words.hold_reason,
        hold_scope=hold_words.hold_scope,
        may_release=hold_words.may_release,
        may_write=may_write,
        my_clinics=my_clinics,
        next_step=next_step,
        now=now,
        person=formats.person,
        sending_hold=sending_hold.held_now,
        shown_name=SHOWN_NAME,
        status_tags=formats.status_tags,
        take_notice=flash_messages.take,
        suppression_reason=suppression_reason,
        message_state=message_state,
        to_say=lambda view: to_say(view, today()),
        today=today,
        work_outcome=lambda kind, text: WorkOutcome.read(text).words(kind),
        work_waiting=work_waiting,
        zone_unknown=zone_unknown,
        booking_words=code_texts.BOOKING_WORDS,
        evaluation_tones=code_texts.EVALUATION_TONES,
        state_tones=code_texts.STATE_TONES,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
