"""The audit record in the settings: who did what to whom in words, filtered, and read page by page."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def test_the_audit_record_says_who_did_what_to_whom(admin: Visitor, cast: factories.Cast) -> None:
    admin.get(f"/patients/{cast.patient_id}")
    answer = admin.get("/settings/audit")
    assert "Administrator Viewed patients 1" in words(answer)
    assert f'href="/patients/{cast.patient_id}"' in answer.text
    one = admin.get(f"/settings/audit?patient={cast.patient_id}")
    assert "Signed in" not in words(one)
    assert "Viewed" in words(one)


def test_what_an_event_says_reads_as_words(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    admin.post("/settings/reasons/too_early/travel", text="Flies out")
    overridden = {
        "overridden": [
            {"name": "too_early", "reason": "travel", "decided_by": "Dr Amara Reid"},
            {"name": "late", "reason": "no_longer_listed"},
        ],
        "names": ["on_hold", "over_cap"],
        "name": "Dr Late",
        "none": [],
        "count": 2,
    }
    with app.app_context(), unit_of_work() as session:
        session.add(
            AuditEvent(
                clinic_id=cast.clinic_id,
                at=clock.now(),
                actor="Test",
                action="booked",
                subject="appointments",
                details=overridden,
            )
        )
    shown = words(admin.get("/settings/audit"))
    assert (
        "overridden name Too early, reason Flies out, decided by Dr Amara Reid, name After the last" in shown
    )
    assert "on-time day, reason no_longer_listed; names On hold, Over the unit cap with" in shown
    assert "; name Dr Late; none none; count 2" in shown


def test_it_is_filtered_by_person_and_day(app: Flask, admin: Visitor, clock: FrozenClock) -> None:
    with app.app_context():
        key = db.session().scalar(select(AuditEvent.user_id).where(AuditEvent.action == "signed_in"))
    mine = words(admin.get(f"/settings/audit?person={key}"))
    assert "Signed in" in mine
    assert "Opened" not in mine
    today = factories.local_day(clock.now())
    assert "Signed in" in words(admin.get(f"/settings/audit?first={today}&last={today}"))
    empty = admin.get(f"/settings/audit?last={today - timedelta(1)}")
    assert "Nothing was recorded for this" in words(empty)
    assert admin.get("/settings/audit?last=9999-12-31&patient=99999999999999999999").status_code == 200
    assert "Enter a day with its full year" in words(admin.get("/settings/audit?first=0026-01-01"))


def test_it_is_read_page_by_page(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        for n in range(120):
            session.add(
                AuditEvent(
                    clinic_id=cast.clinic_id,
                    at=clock.now(),
                    actor="Test",
                    action=f"act{n:03}",
                    subject="tests",
                )
            )
    seen, address = [], "/settings/audit"
    while address:
        text = words(page := admin.get(address))
        seen += [n for n in range(120) if f"Act{n:03}" in text]
        found = page.text.partition('href="/settings/audit?older_than=')[2]
        address = f"/settings/audit?older_than={found.partition(chr(34))[0]}" if found else ""
    assert sorted(seen) == list(range(120))
    assert date(2026, 11, 23) == factories.local_day(clock.now())
