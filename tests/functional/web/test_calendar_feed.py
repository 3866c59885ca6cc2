"""The feed address as calendar apps see it: what is answered, and that it is never a page."""

import logging
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.calendars.links import Shown, Whose
from clinic_scheduler.models import Clinic, Course
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.web.calendars import feed
from clinic_scheduler.web.limits import limiter
from tests.conftest import FrozenClock
from tests.factories import Cast, book, cast
from tests.unit.calendars.lint import lint


@pytest.fixture
def people(app: Flask, clock: FrozenClock) -> Cast:
    with app.app_context(), unit_of_work() as session:
        return cast(session, clock.now())


@pytest.fixture
def link(app: Flask, clock: FrozenClock, people: Cast) -> str:
    return issued(app, clock, people, patient_id=people.patient_id)


def issued(app: Flask, clock: FrozenClock, people: Cast, *, shown: Shown | None = None, **whose: Any) -> str:
    """The address of a new link: of a patient, of a provider, or of the clinic by its `kind`."""
    links = app.extensions["clinic"].links
    subject = Whose(**({"kind": "patient" if "patient_id" in whose else "provider"} | whose))
    with app.app_context(), unit_of_work() as session:
        token = feeds.issue(
            Change(session, people.actor, clock.now()),
            subject,
            links.calendar_token,
            name="Phone",
            shown=shown,
        ).token
    return f"/calendar/{token}.ics"


def booked(app: Flask, clock: FrozenClock, people: Cast) -> int:
    with app.app_context(), unit_of_work() as session:
        return book(
            session,
            people.actor,
            clock.now(),
            people.course_id,
            people.provider_id,
            date(2026, 11, 24),
            time(9),
        ).id


def uid_of(body: str, summary: str) -> str:
    event = next(part for part in body.split("BEGIN:VEVENT") if f"SUMMARY:{summary}" in part)
    return next(line for line in event.splitlines() if line.startswith("UID:"))


def test_a_due_window_becomes_the_visit_under_one_uid(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    window = client.get(link).text
    booked(app, clock, people)
    visit = client.get(link).text
    assert "STATUS:TENTATIVE" in window
    assert "DTSTART;TZID=America/Los_Angeles:20261124T090000" in visit
    assert uid_of(window, "Appointment due") == uid_of(visit, "Appointment")
    assert lint(window.encode()) == []
    assert lint(visit.encode()) == []


def test_a_cancelled_visit_stays_as_cancelled_beside_the_window_that_opens_again(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    visit_id = booked(app, clock, people)
    with app.app_context(), unit_of_work() as session:
        appointments.cancel(Change(session, people.actor, clock.now()), visit_id, "illness")
    body = client.get(link).text
    assert "STATUS:CANCELLED" in body
    assert "SEQUENCE:2" in body
    assert uid_of(body, "Cancelled") != uid_of(body, "Appointment due")
    clock.move(timedelta(days=3))
    assert "STATUS:CANCELLED" not in client.get(link).text


def test_headers_say_private_fresh_and_not_to_be_indexed(client: FlaskClient, link: str) -> None:
    answer = client.get(link)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Content-Disposition" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.last_modified is not None


def test_a_new_phone_is_a_later_feed_whose_events_are_at_a_higher_revision(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    booked(app, clock, people)
    before = client.get(link)
    clock.move(timedelta(hours=1))
    with app.app_context(), unit_of_work() as session:
        clinics.change_clinic(Change(session, people.actor, clock.now()), {"phone": "206-555-0177"})
    after = client.get(link, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.last_modified == clock.now().replace(microsecond=0)
    assert before.last_modified < after.last_modified
    assert "SEQUENCE:1\r\n" in before.text
    assert "SEQUENCE:2\r\n" in after.text


def test_what_the_reader_has_already_is_not_rendered_again(
    client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.get(link).headers["ETag"]
    assert not etag.startswith("W/")
    monkeypatch.setattr(feed, "patient_feed", None)
    again = client.get(link, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_tag_that_a_proxy_made_weak_still_counts(client: FlaskClient, link: str) -> None:
    etag = client.get(link).headers["ETag"]
    assert client.get(link, headers={"If-None-Match": f'"other", W/{etag}'}).status_code == 304
    assert client.get(link, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_a_reader_that_knows_dates_alone_gets_each_edition_once(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    first = client.get(link)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(link, headers=since).status_code == 304
    assert client.get(link, headers={**since, "If-None-Match": '"other"'}).status_code == 200
    booked(app, clock, people)  # within the same second
    second = client.get(link, headers=since)
    assert (second.status_code, second.data != first.data) == (200, True)
    assert client.get(link, headers={"If-Modified-Since": second.headers["Last-Modified"]}).status_code == 304


def test_what_has_left_a_calendar_is_news_to_a_reader_that_knows_dates_alone(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    """Nothing that is still there has changed since, so no row's own date could tell."""
    first = client.get(link)
    clock.move(timedelta(hours=1))
    with app.app_context(), unit_of_work() as session:
        session.get_one(Course, people.course_id).stopped_on = clock.now().date()
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    again = client.get(link, headers=since)
    assert (again.status_code, "due" in again.text) == (200, False)


def test_what_stands_in_memory_is_answered_until_something_changes(
    app: Flask,
    client: FlaskClient,
    clock: FrozenClock,
    people: Cast,
    link: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered = []
    render = feed.patient_feed
    monkeypatch.setattr(feed, "patient_feed", lambda *rows, **how: rendered.append(1) or render(*rows, **how))
    first, again = client.get(link), client.get(link)
    assert (again.data, again.headers["ETag"], len(rendered)) == (first.data, first.headers["ETag"], 1)
    booked(app, clock, people)
    assert client.get(link).data != first.data
    with app.app_context(), unit_of_work() as session:
        session.get_one(Clinic, people.clinic_id).phone = "+12065550177"
    assert "+12065550177" in client.get(link).text
    assert len(rendered) == 3


def test_any_change_changes_the_etag_and_nothing_else_does(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    before = client.get(link)
    clock.move(timedelta(minutes=90))
    same = client.get(link)
    assert (same.headers["ETag"], same.data) == (before.headers["ETag"], before.data)
    booked(app, clock, people)
    assert client.get(link).headers["ETag"] != before.headers["ETag"]


def test_head_is_get_without_the_body(client: FlaskClient, link: str) -> None:
    got, head = client.get(link), client.head(link)
    assert head.data == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Last-Modified"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_refused_in_plain_text(client: FlaskClient, link: str, method: str) -> None:
    answer = getattr(client, method)(link)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.mimetype == "text/plain"
    assert "GET and HEAD" in answer.text


@pytest.mark.parametrize("name", ["x.ics", "A" * 43 + ".ics", "A" * 43, "../x.ics", "a/b.ics", "%00.ics"])
def test_unknown_and_malformed_links_get_the_same_answer(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/calendar/{name}")
    assert (answer.status_code, answer.mimetype, answer.text) == (
        404,
        "text/plain",
        "There is no such calendar.\n",
    )


def test_guesses_are_slowed_in_plain_text_and_readers_are_not(
    app: Flask, client: FlaskClient, link: str
) -> None:
    limiter.enabled = True
    try:
        codes = [client.get(f"/calendar/{'x' * 43}.ics").status_code for _ in range(120)]
        refused = client.get(f"/calendar/{'x' * 43}.ics")
        assert client.get(link).status_code == 200
    finally:
        limiter.enabled = False
        with app.app_context():
            limiter.reset()
    assert codes == [404] * 120
    assert (refused.status_code, refused.mimetype) == (429, "text/plain")


def test_a_revoked_link_shows_one_notice_for_thirty_days_and_then_nothing(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    booked(app, clock, people)
    with app.app_context(), unit_of_work() as session:
        feeds.revoke(Change(session, people.actor, clock.now()), 1)
    body = client.get(link).text
    assert body.count("BEGIN:VEVENT") == 1
    assert "This calendar link was stopped" in body
    clock.move(timedelta(days=31))
    assert client.get(link).status_code == 404


def test_a_provider_sees_references_and_no_names(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast
) -> None:
    booked(app, clock, people)
    body = client.get(issued(app, clock, people, provider_id=people.provider_id)).text
    assert "Provider: Dr Amara Reid" in body
    for word in ("okonkwo", "adaeze", "botox", "onabot", "migraine", "a-100", "555"):
        assert word not in body.lower()


def test_a_patients_feed_names_no_drug_diagnosis_or_person(
    app: Flask, client: FlaskClient, clock: FrozenClock, people: Cast, link: str
) -> None:
    booked(app, clock, people)
    body = client.get(link).text.lower()
    for word in ("okonkwo", "adaeze", "1978", "botox", "onabot", "migraine", "neurology", "reid", "unit"):
        assert word not in body


def test_out_of_order_is_503_and_never_a_page(
    app: Flask, client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("select", {}, Exception("no server"))

    monkeypatch.setattr(feed, "feed_for_token", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get(link)
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")


def test_the_feed_does_not_fail_where_its_use_cannot_be_noted(
    client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("update", {}, Exception("read-only"))

    monkeypatch.setattr(feed, "mark_used", broken)
    assert client.get(link).status_code == 200


def test_tokens_stay_out_of_access_logs(link: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="werkzeug"):
        logging.getLogger("werkzeug").info('127.0.0.1 "%s" 200', f"GET {link} HTTP/1.1")
    assert link not in caplog.text
    assert "/calendar/…" in caplog.text
