"""What patients want, noted at the desk: by purpose and channel, their language, zone and second channel."""

from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db
from clinic_scheduler.models import AuditEvent, Consent, Patient
from tests import factories
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_patient_edit import as_shown


def test_the_desk_notes_what_a_patient_says(desk: Visitor, app: Flask, cast: factories.Cast) -> None:
    address = f"/patients/{cast.patient_id}/messages-wanted"
    assert "Not asked" in desk.get(f"/patients/{cast.patient_id}").text
    desk.get(address)
    answer = desk.post(address, purpose="everything", channel="sms", how="phone", given="no")
    page = words(desk.get(answer.location))
    assert "What the patient wants is saved" in page
    assert page.count("By phone, 23-Nov-2026 09:00") == 3
    desk.post(address, purpose="visits", channel="sms", how="paper", given="yes")
    with app.app_context():
        rows = db.session().execute(select(Consent.purpose, Consent.given, Consent.how, Consent.user_id))
        kept = [tuple(row) for row in rows]
        events = db.session().scalars(select(AuditEvent.action).where(AuditEvent.subject == "consents")).all()
    assert kept[-1][:3] == ("visits", True, "paper")
    assert all(row[3] for row in kept)
    assert sorted(set(events)) == ["consent_given", "consent_withdrawn"]


def test_yes_or_no_has_to_be_chosen_by_somebody_who_may_write(
    desk: Visitor, app: Flask, cast: factories.Cast, other_cast: factories.Cast
) -> None:
    address = f"/patients/{cast.patient_id}/messages-wanted"
    answer = desk.post(address, purpose="visits", channel="sms", how="desk")
    assert answer.status_code == 422
    assert "Choose yes or no" in words(answer)
    theirs = f"/patients/{other_cast.patient_id}/messages-wanted"
    assert desk.get(theirs).status_code == 404
    assert desk.post(theirs, purpose="visits", channel="sms", how="desk", given="no").status_code == 404
    reader = Visitor(app.test_client())
    reader.sign_in("read_only")
    assert reader.get(address).status_code == 403
    assert address not in reader.get(f"/patients/{cast.patient_id}").text


def test_language_zone_and_second_channel_are_edited(desk: Visitor, app: Flask, cast: factories.Cast) -> None:
    address = f"/patients/{cast.patient_id}/edit"
    shown = as_shown(desk.get(address).text)
    wrong = desk.post(address, **shown, fallback_channel="email", zone="Mars/Base")
    assert wrong.status_code == 422
    assert "Choose another way than the first" in words(wrong)
    assert "Enter an IANA time zone" in words(wrong)
    assert (
        desk.post(address, **shown, fallback_channel="sms", language="es", zone="America/Denver").status_code
        == 302
    )
    with app.app_context():
        row = db.session().get_one(Patient, cast.patient_id)
        assert (row.fallback_channel, row.language, row.zone) == ("sms", "es", "America/Denver")
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "E-mail, then text" in page
    assert "Español" in page
