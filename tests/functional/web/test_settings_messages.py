"""The clinic's own words for messages: edited, previewed with a patient's data, saved, given up again."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.models import AuditEvent, Clinic, MessageTemplate
from tests import factories
from tests.functional.web.conftest import Visitor, words

LIST = "/settings/messages"
LETTER = f"{LIST}/visit_reminder/email/es"
TEXT = f"{LIST}/visit_reminder/sms/en"
GOOD_TEXT = "{{ clinic_name }}: see you {{ visit }}. Call {{ clinic_phone }}. Reply C to confirm, STOP to end"


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def rows(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().execute(statement))


def saved(app: Flask) -> list[tuple[str, ...]]:
    row = MessageTemplate
    return [
        tuple(one) for one in rows(app, select(row.kind, row.channel, row.language, row.subject, row.body))
    ]


def based_on(visitor: Visitor, address: str) -> str:
    page = visitor.get(address).text
    return page.partition('name="based_on"')[2].partition('value="')[2].partition('"')[0]


def test_every_message_opens_with_its_shipped_words_and_a_preview(admin: Visitor) -> None:
    assert "Shipped words of Visit reminder, E-mail, Español" in words(admin.get(LIST))
    for kind in KINDS:
        for way in ("email/en", "email/es", "sms/en", "sms/es"):
            page = admin.get(f"{LIST}/{kind}/{way}")
            assert page.status_code == 200, (kind, way)
            assert "Nothing is sent." in page.text, (kind, way)
            assert 'class="warn-text"' not in page.text, (kind, way)


@pytest.mark.parametrize(
    "address", [f"{LIST}/birthday/sms/en", f"{LIST}/overdue/fax/en", f"{LIST}/overdue/sms/fr"]
)
def test_what_there_is_no_message_for_is_not_found(admin: Visitor, address: str) -> None:
    assert admin.get(address).status_code == 404
    assert admin.post(f"{address}/preview", body="x").status_code == 404


def test_own_words_are_saved_for_one_language_and_given_up_again(
    admin: Visitor, app: Flask, other_cast: factories.Cast
) -> None:
    admin.get(LETTER)
    answer = admin.post(
        LETTER, subject="Nos vemos pronto", body="Hola {{ given_name }}:\r\n\r\n{{ visit }}\r\n"
    )
    assert answer.status_code == 302
    body = "Hola {{ given_name }}:\n\n{{ visit }}"
    assert saved(app) == [("visit_reminder", "email", "es", "Nos vemos pronto", body)]
    page = admin.get(LETTER)
    assert "Own words" in words(page)
    assert "Nos vemos pronto" in page.text
    assert words(admin.get(LIST)).count("Own words of") == 1
    assert admin.post(f"{LETTER}/reset").status_code == 302
    assert saved(app) == []
    assert "Recordatorio de su visita" in admin.get(LETTER).text
    audited = rows(
        app, select(AuditEvent.action, AuditEvent.details).where(AuditEvent.subject == "message_templates")
    )
    which = {"kind": "visit_reminder", "channel": "email", "language": "es"}
    assert [tuple(one) for one in audited] == [("changed", which), ("removed", which)]


def test_the_preview_shows_the_next_visit_of_a_patient_of_this_clinic(
    admin: Visitor, app: Flask, booked: int, other_cast: factories.Cast
) -> None:
    admin.get(TEXT)
    part = admin.post(f"{TEXT}/preview", body=GOOD_TEXT, part="preview")
    assert "With what is known of Adaeze" in words(part)
    assert "Harbor Neurology: see you Tue 24 Nov 2026, 10:15 am. Call +12065550100." in words(part)
    assert "1 text (GSM-7)" in words(part)
    assert "The name that signs texts tells “Neurology”" in words(part)
    assert "<html" not in part.text
    whole = admin.post(f"{TEXT}/preview", body=GOOD_TEXT)
    assert "<html" in whole.text, "without script the button shows the page"
    assert "see you Tue 24 Nov 2026" in whole.text
    assert saved(app) == []


def test_a_text_past_the_short_alphabet_says_which_letters_cost(admin: Visitor, booked: int) -> None:
    admin.get(TEXT)
    seen = words(admin.post(f"{TEXT}/preview", body=GOOD_TEXT + " Adiós 😀", part="preview"))
    assert "2 texts (UCS-2)" in seen
    assert "hold 70 instead of 160: ó 😀" in seen


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ visit }} {{ clinic_name }} STOP", "{{ clinic_phone }} is missing"),
        (GOOD_TEXT + "\n{{ 7*7 }}", "Line 2, “{{ 7*7 }}”: braces are for the fields"),
        (GOOD_TEXT + "{% for x in range(9) %}", "braces are for the fields"),
        (GOOD_TEXT + " {{ calendar_link }}", "this message has no such field"),
        (GOOD_TEXT.replace("STOP", "HALT"), "STOP is missing"),
        (GOOD_TEXT + " Reply CANCEL", "would end all texts"),
        (GOOD_TEXT + " more" * 90, "at most 3 are sent. Shorten the words"),
        ("x" * 701, "at most 700 fit"),
        ("", "Write the words"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_saved(
    admin: Visitor, app: Flask, body: str, said: str
) -> None:
    admin.get(TEXT)
    answer = admin.post(TEXT, body=body)
    assert answer.status_code == 422
    assert said in words(answer)
    assert '<a href="#body">' in answer.text
    assert saved(app) == []


def test_a_subject_names_nobody(admin: Visitor, app: Flask) -> None:
    admin.get(LETTER)
    for subject in ("Hola {{ given_name }}", "{{ visit }}", "a\nb"):
        answer = admin.post(LETTER, subject=subject, body="{{ visit }}")
        assert answer.status_code == 422, subject
    assert saved(app) == []


def test_words_that_tell_need_a_tick(admin: Visitor, app: Flask) -> None:
    admin.get(TEXT)
    notification = GOOD_TEXT.replace("see you", "your Botox visit")
    answer = admin.post(TEXT, body=notification)
    assert answer.status_code == 422
    assert "may tell what the visit is for: “Botox”" in words(answer)
    assert 'name="sure"' in answer.text
    assert admin.post(TEXT, body=notification, sure="y").status_code == 302
    assert len(saved(app)) == 1


def test_words_that_somebody_else_saved_meanwhile_are_not_overwritten(admin: Visitor, app: Flask) -> None:
    assert based_on(admin, TEXT) == ""
    assert admin.post(TEXT, body=GOOD_TEXT).status_code == 302
    answer = admin.post(TEXT, body=GOOD_TEXT + "!", based_on="")
    assert answer.status_code == 409
    assert "Nothing was saved" in words(answer)
    assert admin.post(TEXT, body=GOOD_TEXT + "!", based_on=based_on(admin, TEXT)).status_code == 302
    assert saved(app)[0][4] == GOOD_TEXT + "!"


def test_the_name_that_signs_texts_can_be_chosen(admin: Visitor, app: Flask) -> None:
    admin.get(LIST)
    assert admin.post(f"{LIST}/text-name", text_name="诊所").status_code == 422
    assert admin.post(f"{LIST}/text-name", text_name="Harbor").status_code == 302
    assert rows(app, select(Clinic.text_name))[0][0] == "Harbor"
    assert "Harbor: your visit:" in words(admin.get(TEXT))


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_administrators_may(visitor: Visitor, app: Flask, role: str) -> None:
    visitor.sign_in(role)
    assert visitor.get(LIST).status_code == 403
    assert visitor.get(TEXT).status_code == 403
    for address in (TEXT, f"{TEXT}/preview", f"{TEXT}/reset", f"{LIST}/text-name"):
        assert visitor.post(address, body=GOOD_TEXT).status_code == 403
    assert saved(app) == []


def test_a_preview_without_its_token_is_refused(admin: Visitor) -> None:
    admin.get(TEXT)
    admin.token = ""
    assert admin.post(f"{TEXT}/preview", body=GOOD_TEXT).status_code == 400
