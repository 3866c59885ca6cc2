"""Putting a patient on hold on pages, who may end it, and asking a provider to."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import User
from clinic_scheduler.services.actors import Actor
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

FIELDS = {"reason": "surgery", "starts_on": "2026-11-23", "ends_on": "", "note": ""}


@pytest.fixture
def by_provider(app: Flask, cast: factories.Cast, clock: FrozenClock) -> int:
    """The patient is pregnant, says Dr Reid's account."""
    with app.app_context(), unit_of_work() as session:
        user = session.scalars(select(User).where(User.email == "provider@example.org")).one()
        user.name, user.provider_id = "Dr Amara Reid", cast.provider_id
        reid = Actor(user.name, cast.clinic_id, user.id, frozenset({"provider"}))
        return factories.hold(
            session,
            reid,
            clock.now(),
            cast.course_id,
            date(2026, 11, 20),
            reason="pregnancy",
            every=True,
        ).id


def test_a_patient_is_put_on_hold_once_and_released(desk: Visitor, cast: factories.Cast) -> None:
    address, page = f"/patients/{cast.patient_id}/hold", f"/patients/{cast.patient_id}"
    form = desk.get(address)
    assert 'value="2026-11-23"' in form.text
    assert "Every course of this patient is held" in words(form)
    assert "<option selected" not in form.text
    for _ in range(2):
        assert desk.post(address, **FIELDS | {"note": "hip"}).location == page
    shown = words(desk.get(page))
    assert "Put on hold" in shown
    assert (
        "Every treatment , on hold since 23-Nov-2026 , until further notice: Surgery planned (hip)" in shown
    )
    assert "Set by Front desk, 23-Nov-2026 09:00" in shown
    assert shown.count("Front desk: held patients") == 1
    assert "MRN A-100 On hold" in words(desk.get(f"/courses/{cast.course_id}/book"))
    assert desk.post("/holds/1/release", follow_redirects=True).status_code == 200
    shown = words(desk.get(page))
    assert "on hold since" not in shown
    assert "MRN A-100 On hold" not in shown
    assert "Front desk: released patients" in shown


def test_one_treatment_is_held_alone(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/hold"
    form = desk.get(address)
    assert "Only this is held" in words(form)
    assert "Pregnant" not in words(form)
    desk.post(
        address, **FIELDS | {"reason": "side_effect", "starts_on": "2026-12-01", "ends_on": "2026-12-31"}
    )
    shown = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Chronic migraine , on hold from 01-Dec-2026 to 31-Dec-2026 : Side effect being looked at" in shown
    assert "MRN A-100 On hold" not in shown
    assert desk.post(address, **FIELDS | {"reason": "pregnancy"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reason": ""}, "Choose the reason for the hold"),
        ({"reason": "boredom"}, "Not a valid choice"),
        ({"reason": "other"}, "Say in a few words why"),
        ({"starts_on": ""}, "Enter the first day of the hold"),
        ({"ends_on": "2026-11-22"}, "The last day cannot be before the first"),
        ({"note": "x" * 121}, "Note may have at most 120 characters"),
    ],
)
def test_a_hold_that_cannot_be_is_said_and_nothing_typed_is_lost(
    desk: Visitor, cast: factories.Cast, wrong: dict[str, str], message: str
) -> None:
    address = f"/patients/{cast.patient_id}/hold"
    desk.get(address)
    answer = desk.post(address, **(FIELDS | {"ends_on": "2027-02-03"} | wrong))
    assert answer.status_code == 422
    assert message in words(answer)
    if "ends_on" not in wrong:
        assert 'value="2027-02-03"' in answer.text
    assert "on hold since" not in words(desk.get(f"/patients/{cast.patient_id}"))


def test_the_desk_asks_and_the_provider_releases_from_their_weeks(
    desk: Visitor, provider: Visitor, cast: factories.Cast, by_provider: int
) -> None:
    page, ask = f"/patients/{cast.patient_id}", f"/holds/{by_provider}/ask"
    shown = desk.get(page)
    assert f'action="/holds/{by_provider}/release"' not in shown.text
    assert "Ask Dr Amara Reid to release" in words(shown)
    refused = desk.post(f"/holds/{by_provider}/release")
    assert refused.status_code == 409
    assert "Dr Amara Reid set this hold, so a provider ends it. Nothing was changed." in words(refused)
    assert "Pregnant or trying to become so" in words(desk.get(ask))
    assert desk.post(ask, note="x" * 121).status_code == 422
    for _ in range(2):
        assert desk.post(ask, note="The baby is born").location == page
    shown = words(desk.get(page))
    assert "Front desk asks to release it, 23-Nov-2026 09:00: “The baby is born”" in shown
    assert "Ask Dr Amara Reid to release" not in shown
    home = provider.get("/provider")
    assert words(home).count("Front desk asks to release it") == 1
    assert f'action="/holds/{by_provider}/keep?back=provider' in home.text
    answer = provider.post(f"/holds/{by_provider}/release?back=provider&provider={cast.provider_id}")
    assert answer.location == f"/provider?provider={cast.provider_id}"
    assert "Pregnant" not in words(provider.get("/provider"))
    assert "Asks to end a hold" not in words(desk.get("/work-list?kind=asks_release"))[200:].split("Show")[1]
    assert "on hold since" not in words(desk.get(page))


def test_the_work_list_offers_the_answer_to_who_may_give_it(
    desk: Visitor, provider: Visitor, cast: factories.Cast, by_provider: int
) -> None:
    desk.get("/patients")
    desk.post(f"/holds/{by_provider}/ask", note="")
    at_desk = desk.get("/work-list")
    assert "A provider releases the hold or keeps it" in words(at_desk)
    assert "Every treatment , on hold since 20-Nov-2026" in words(at_desk)
    assert f"/holds/{by_provider}/keep" not in at_desk.text
    assert desk.post(f"/holds/{by_provider}/keep").status_code == 409
    assert f'action="/holds/{by_provider}/keep?back=work"' in provider.get("/work-list").text
    assert provider.post(f"/holds/{by_provider}/keep?back=work").location == "/work-list"
    settled = words(provider.get("/work-list?tab=closed"))
    assert "Kept 23-Nov-2026 09:00, Dr Amara Reid" in settled
    assert "on hold since" in words(desk.get(f"/patients/{cast.patient_id}"))


def test_an_admin_may_release_and_who_only_reads_sees_no_button(
    visitor: Visitor, app: Flask, cast: factories.Cast, by_provider: int
) -> None:
    visitor.sign_in("read_only")
    shown = visitor.get(f"/patients/{cast.patient_id}")
    assert "on hold since" in words(shown)
    assert f"/holds/{by_provider}/" not in shown.text
    assert visitor.post(f"/holds/{by_provider}/release").status_code == 403
    admin = Visitor(app.test_client())
    admin.sign_in("admin")
    assert f'action="/holds/{by_provider}/release"' in admin.get(f"/patients/{cast.patient_id}").text
    assert admin.post(f"/holds/{by_provider}/release").status_code == 302


def test_another_clinics_holds_are_not_found(
    desk: Visitor, app: Flask, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        key = factories.hold(
            session, other_cast.actor, clock.now(), other_cast.course_id, date(2026, 11, 20)
        ).id
    for address in (f"/courses/{other_cast.course_id}/hold", f"/patients/{other_cast.patient_id}/hold"):
        assert desk.get(address).status_code == 404, address
        assert desk.post(address, **FIELDS).status_code == 404, address
    assert desk.get(f"/holds/{key}/ask").status_code == 404
    for act in ("ask", "release", "keep"):
        assert desk.post(f"/holds/{key}/{act}").status_code == 404, act


def test_a_record_merged_meanwhile_is_said(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        other = factories.person(session, cast.actor, clock.now(), mrn="A-7")
        session.execute(
            update(type(other)).where(type(other).id == cast.patient_id).values(merged_into_id=other.id)
        )
    answer = desk.post(f"/patients/{cast.patient_id}/hold", **FIELDS)
    assert answer.status_code == 422
    assert "This record was merged into the one with the MRN A-7" in words(answer)
