"""Recording a treatment on its page: vials, totals, soft stops, what changed, voiding and accepting."""

import re
from datetime import date

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import AuditEvent, Hold, Treatment, TreatmentVial
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

SEEN = 'name="seen"'


@pytest.fixture
def second_desk(app: Flask, desk: Visitor) -> Visitor:
    """The same account in another browser."""
    visitor = Visitor(app.test_client())
    assert visitor.sign_in().status_code == 302
    return visitor


@pytest.fixture
def address(cast: factories.Cast) -> str:
    return f"/courses/{cast.course_id}/treatments"


def filled(cast: factories.Cast, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "given_on": "2026-11-23",
        "units": "155",
        "product": factories.ONABOT,
        "outcome": "complete",
        "kind": "cycle",
        "provider": cast.provider_id,
        "key": "one-form",
    }
    return fields | {name.replace("__", "-"): value for name, value in changes.items()}


def kept(app: Flask) -> list[Treatment]:
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Treatment).order_by(Treatment.id).all()
        session.expunge_all()
        return rows


def marks(page: str) -> str:
    return page.split(SEEN)[1].split('value="')[1].split('"')[0]


def test_vials_fill_the_totals_left_empty(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    vials = {
        "vials__0__lot": "C1",
        "vials__0__expires_on": "2027-06-30",
        "vials__0__units": "100",
        "vials__1__lot": "C2",
        "vials__1__units": "55",
        "vials__1__units_wasted": "45",
    }
    answer = desk.post(address, **filled(cast, units="", sites="Frontalis 20 U", **vials))
    assert answer.status_code == 302, words(answer)
    row = kept(app)[-1]
    assert (row.units, row.units_wasted, row.sites) == (155, 45, "Frontalis 20 U")
    page = words(desk.get(answer.location))
    assert "Lot C1, expires 30-Jun-2027 : 100 U" in page
    assert "Lot C2: 55 U, 45 U wasted" in page
    assert "Judged On time Starts a cycle." in page
    assert "Dates that changed (4)" in page
    assert "Earliest date 15-Feb-2027" in page
    assert page.count("Mon 15-Feb-2027 09:") == 2  # times to book at once


WRONG = [
    ({"vials__0__lot": "C1", "vials__0__units": "150"}, "The vials add up to 150 U injected"),
    ({"vials__0__units": "155"}, "Enter the vial's lot number"),
    ({"vials__0__lot": "C1", "vials__1__lot": "C2", "vials__1__units": "55"}, "injected from this vial"),
    ({"vials__0__lot": "C1", "units_wasted": "9", "vials__0__units_wasted": "45"}, "45 U wasted"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_vials_that_do_not_add_up_are_told_at_their_fields(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str, changes: dict[str, str], said: str
) -> None:
    answer = desk.post(address, **filled(cast, **changes, notes="kept while wrong"))
    assert answer.status_code == 422
    assert words(answer).count(said) == 2  # in the summary and at the field
    assert "kept while wrong" in answer.text
    assert len(kept(app)) == 1


def test_one_vial_without_units_held_it_all(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    assert desk.post(address, **filled(cast, units_wasted="45", vials__0__lot="C1")).status_code == 302
    with app.app_context(), unit_of_work() as session:
        vial = session.query(TreatmentVial).one()
        assert (vial.lot, vial.units, vial.units_wasted) == ("C1", 155, 45)


def test_units_and_product_come_from_the_last_treatment(
    desk: Visitor, cast: factories.Cast, address: str
) -> None:
    fields = filled(cast, given_on="2026-11-22", units="175", product="incobotulinumtoxinA")
    shown = desk.post(address, **fields)
    desk.post(address, **fields, seen=marks(shown.text))
    form = desk.get(f"{address}/new").text
    assert 'value="175"' in form
    assert '<option selected value="incobotulinumtoxinA">' in form


def test_the_desk_records_too_soon_after_seeing_it_and_a_provider_accepts(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    fields = filled(cast, given_on="2026-11-10", notes="as typed")
    shown = desk.post(address, **fields)
    assert shown.status_code == 409
    assert "71 days after 31-Aug-2026" in words(shown)
    assert "as typed" in shown.text
    assert "accept_reason" not in shown.text
    assert len(kept(app)) == 1
    for _ in range(2):  # sent twice, kept once
        answer = desk.post(address, **fields, seen=marks(shown.text))
        assert answer.status_code == 302
    treatment = kept(app)[-1].id
    assert len(kept(app)) == 2
    assert "A provider has to accept it" in words(desk.get(answer.location))
    assert desk.get(f"/treatments/{treatment}/accept").status_code == 403
    home = f"/provider?provider={cast.provider_id}"
    assert f"/treatments/{treatment}/accept" in provider.get(home).text
    provider.get(f"/treatments/{treatment}/accept")
    assert provider.post(f"/treatments/{treatment}/accept").status_code == 422
    answer = provider.post(f"/treatments/{treatment}/accept", reason="payer_approved")
    assert "Accepted by a provider" in words(provider.get(answer.location))
    assert f"/treatments/{treatment}/accept" not in provider.get(home).text


def test_a_provider_gives_the_reason_while_recording(
    provider: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    fields = filled(cast, given_on="2026-11-10")
    seen = marks(provider.post(address, **fields).text)
    without = provider.post(address, **fields, seen=seen)
    assert without.status_code == 409
    assert words(without).count("Choose why the early date is accepted") == 2
    answer = provider.post(address, **fields, seen=seen, accept_reason="record_correction")
    assert answer.status_code == 302
    with app.app_context(), unit_of_work() as session:
        event = session.query(AuditEvent).filter_by(action="accepted").one()
        assert event.details == {"reason": "record_correction"}


def test_what_was_seen_for_one_date_does_not_do_for_another(
    provider: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    seen = marks(provider.post(address, **filled(cast, given_on="2026-11-10")).text)
    fields = filled(cast, given_on="2026-11-02", seen=seen, accept_reason="payer_approved")
    again = provider.post(address, **fields)
    assert again.status_code == 409
    assert "63 days after" in words(again)
    assert len(kept(app)) == 1


def test_what_another_desk_recorded_meanwhile_is_shown_and_nothing_typed_is_lost(
    desk: Visitor, second_desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    """The page was opened before; what came up since is asked inside the write."""
    early = filled(cast, given_on="2026-11-10")
    seen = marks(desk.post(address, **early).text)
    second_desk.post(address, **early | {"key": "other-form"}, seen=seen)
    shown = desk.post(address, **early, seen=seen, notes="as typed", sites="Frontalis 20 U")
    assert shown.status_code == 409
    said = words(shown)
    assert said.count("155 U were recorded for this day on 23-Nov-2026 at 09:00 by Front desk") == 2
    assert "as typed" in shown.text
    assert "Frontalis 20 U" in shown.text
    assert "DD-8" not in said
    assert len(kept(app)) == 2
    answer = desk.post(address, **early, seen=marks(shown.text))
    assert answer.status_code == 302
    assert len(kept(app)) == 3


def test_the_same_form_sent_again_is_not_shown_its_own_treatment(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    for _ in range(2):
        assert desk.post(address, **filled(cast)).status_code == 302
    assert len(kept(app)) == 2


def test_a_hold_is_said_and_does_not_refuse_what_was_given(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    with app.app_context(), unit_of_work() as session:
        session.add(Hold(patient_id=cast.patient_id, starts_on=date(2026, 11, 1), reason="pregnancy"))
    shown = desk.post(address, **filled(cast))
    assert shown.status_code == 409
    assert "On hold since Sunday, November 1, 2026 until further notice" in words(shown)
    assert desk.post(address, **filled(cast), seen=marks(shown.text)).status_code == 302


def test_without_a_plan_the_units_begin_empty(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work() as session:
        session.query(Treatment).delete()
    monkeypatch.setattr(
        "clinic_scheduler.domain.forecast.due_dates.planned_units", lambda course, evaluated: None
    )
    page = desk.get(f"{address}/new")
    assert page.status_code == 200
    (units,) = re.findall(r'<input[^>]* name="units"[^>]*>', page.text)
    assert 'value=""' in units
    shown = desk.post(address, **filled(cast))
    assert "Without a planned dose nobody can tell" in words(shown)
    assert desk.post(address, **filled(cast), seen=marks(shown.text)).status_code == 302


def test_an_old_lot_another_product_and_the_cap_warn_first(
    desk: Visitor, cast: factories.Cast, address: str
) -> None:
    old = filled(cast, vials__0__lot="C1", vials__0__expires_on="2026-11-22")
    assert "Lot C1 expired on 22-Nov-2026" in words(desk.post(address, **old))
    assert "Dysport is not this course's product" in words(
        desk.post(address, **filled(cast, product="abobotulinumtoxinA"))
    )
    assert "over the cap of 400 U" in words(desk.post(address, **filled(cast, units="401")))


def test_a_late_entry_shows_what_it_changed(
    desk: Visitor, cast: factories.Cast, address: str, app: Flask
) -> None:
    desk.post(address, **filled(cast))
    fields = filled(cast, given_on="2026-11-20", units="20", kind="touch_up", key="late")
    answer = desk.post(address, **fields)
    page = words(desk.get(answer.location))
    assert "Judged anew 23-Nov-2026 : On time, now Too soon" in page
    assert f"/courses/{cast.course_id}/next?treatment=" in answer.location


def test_voiding_asks_why_shows_what_changed_and_is_undone(
    provider: Visitor, desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-23", at="09:15")
    desk.post(address, **filled(cast))
    key = kept(app)[-1].id
    assert desk.get(f"/treatments/{key}/void").status_code == 403
    assert desk.post(f"/treatments/{key}/void", reason="entered_twice").status_code == 403
    assert "Take it out" in words(provider.get(f"/treatments/{key}/void"))
    assert "Choose why it is taken out" in words(provider.post(f"/treatments/{key}/void"))
    answer = provider.post(f"/treatments/{key}/void", reason="entered_twice")
    page = words(provider.get(answer.location))
    assert "Treatment taken out" in page
    assert "Entered in error Entered twice" in page
    assert "Booked for Mon 23-Nov-2026 09:15" in page
    patient = words(provider.get(f"/patients/{cast.patient_id}"))
    assert "23-Nov-2026, 155 U : entered twice" in patient
    assert "Mon 23-Nov-2026 09:15 Injection Dr Amara Reid Booked" in patient
    answer = provider.post(f"/treatments/{key}/void/undo")
    assert "Treatment counts again" in words(provider.get(answer.location))
    assert kept(app)[-1].voided_at is None


def test_another_clinics_treatments_are_not_found(
    provider: Visitor, other_cast: factories.Cast, cast: factories.Cast, app: Flask
) -> None:
    theirs = next(row.id for row in kept(app) if row.course_id == other_cast.course_id)
    for asked in (f"/treatments/{theirs}/void", f"/treatments/{theirs}/accept"):
        assert provider.get(asked).status_code == 404, asked
        assert provider.post(asked, reason="entered_twice").status_code == 404, asked
    assert provider.post(f"/treatments/{theirs}/void/undo").status_code == 404
    assert provider.get(f"/courses/{cast.course_id}/next?treatment={theirs}").status_code == 404
    assert provider.get(f"/courses/{cast.course_id}/next?treatment=999").status_code == 404


def test_a_patients_page_draws_the_course_with_its_table(
    desk: Visitor, cast: factories.Cast, clock: FrozenClock
) -> None:
    answer = desk.get(f"/patients/{cast.patient_id}")
    assert f'id="chart-course-{cast.course_id}-title"' in answer.text
    page = words(answer)
    assert "Cap 400 U" in page
    assert "Show as table" in page
    assert date(2026, 8, 31).strftime("%d-%b-%Y") in page
