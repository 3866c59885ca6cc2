"""Courses by a log: another product closes the one before, a single other one does not, nothing given is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.importing import fingerprint
from clinic_scheduler.models import Clinic, Course, Patient, Treatment, TreatmentVial, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.courses.forecasting import differences
from clinic_scheduler.services.practice.protocols import offer
from clinic_scheduler.services.treatments import voiding
from tests import factories
from tests.factories import MIGRAINE, ONABOT
from tests.integration.house import House, at
from tests.integration.log_rows import bring_in, read, row

ABO, INCO = "abobotulinumtoxinA", "incobotulinumtoxinA"
BRANDS = {"A": "Botox", "B": "Dysport", "C": "Xeomin"}
UNITS = {"A": "155", "B": "500", "C": "120"}
CODES = {ONABOT: "A", ABO: "B", INCO: "C"}
Told = list[tuple[str, str, str | None, str]]


def months(products: str) -> list[dict[str, str]]:
    """A visit a quarter from January 2024 on, one letter each; "(AB)" is two products on one day."""
    rows, day, together = [], date(2024, 1, 10), False
    for letter in products:
        if letter in "()":
            together = letter == "("
            day += timedelta(0 if together else 91)
            continue
        rows.append(row(day.isoformat(), BRANDS[letter], UNITS[letter]))
        day += timedelta(0 if together else 91)
    return rows


def courses(house: House, mrn: str = "L-1") -> Told:
    """Product, what was given under it by day, when and why it was closed."""
    asked = select(Course.id, Course.product, Course.stopped_on, Course.stop_reason).join(Patient)
    found = house.rows(asked.where(Patient.mrn == mrn).order_by(Course.started_on, Course.id))
    told: Told = []
    for course_id, product, stopped_on, reason in found:
        given = house.rows(
            select(Treatment.given_on, Treatment.product).where(Treatment.course_id == course_id)
        )
        letters = "".join(letter for _, letter in sorted((on, CODES[each]) for on, each in given))
        told.append((CODES[product], letters, str(stopped_on) if stopped_on else None, reason or ""))
    return told


def day(number: int) -> str:
    return str(date(2024, 1, 10) + timedelta(91 * number))


SWITCHED = "another product"
STORIES: list[tuple[str, Told]] = [
    ("AAA", [("A", "AAA", None, "")]),
    ("AABB", [("A", "AA", day(2), SWITCHED), ("B", "BB", None, "")]),
    ("AAB", [("A", "AA", day(2), SWITCHED), ("B", "B", None, "")]),
    ("AABA", [("A", "AABA", None, "")]),
    ("ABAB", [("A", "ABA", day(3), SWITCHED), ("B", "B", None, "")]),
    ("ABBA", [("A", "A", day(1), SWITCHED), ("B", "BB", day(3), SWITCHED), ("A", "A", None, "")]),
    ("ABCC", [("A", "A", day(1), SWITCHED), ("B", "B", day(2), SWITCHED), ("C", "CC", None, "")]),
    ("A(AB)A", [("A", "AABA", None, "")]),
    ("A(BA)BB", [("A", "AAB", day(2), SWITCHED), ("B", "BB", None, "")]),
    ("(AB)BB", [("B", "ABBB", None, "")]),
    ("A(BC)CC", [("A", "A", day(1), SWITCHED), ("C", "BCCC", None, "")]),
]


@pytest.mark.parametrize(("products", "expected"), STORIES)
def test_the_order_of_products_makes_the_courses(house: House, products: str, expected: Told) -> None:
    rows = months(products)
    applied = bring_in(house, *reversed(rows))
    assert courses(house) == expected
    assert (applied.treatments, applied.courses) == (len(rows), len(expected))
    again = bring_in(house, *rows)
    assert (again.treatments, again.courses, again.stopped, again.known) == (0, 0, 0, len(rows))
    assert courses(house) == expected
    assert house.look(lambda s: list(differences(s, house.cast.clinic_id, date(2026, 11, 23)))) == []


@pytest.mark.parametrize("first", range(1, 4))
def test_in_two_imports_a_later_product_closes_the_course_that_is_there(house: House, first: int) -> None:
    rows = months("AABB")
    bring_in(house, *rows[:first])
    applied = bring_in(house, *rows)
    assert courses(house) == [("A", "AA", day(2), SWITCHED), ("B", "BB", None, "")]
    assert applied.stopped == (first < 3)
    assert applied.known == first


def test_an_older_log_closes_its_own_course_where_a_recorded_one_begins(house: House) -> None:
    rows = months("AABB")
    bring_in(house, *rows[2:])
    bring_in(house, *rows)
    assert courses(house) == [("A", "AA", day(2), SWITCHED), ("B", "BB", None, "")]


@pytest.mark.parametrize(
    ("brand", "expected"),
    [
        ("A", [("A", "AAA", None, "")]),
        ("B", [("A", "AAA", day(4), SWITCHED), ("B", "", None, "")]),
    ],
)
def test_a_course_that_staff_opened_since_is_what_goes_on(house: House, brand: str, expected: Told) -> None:
    """The log tells what was given before it, and leaves one open course of the indication."""

    def opened(session: Any) -> int:
        actor, now = house.cast.actor, house.now
        patient = factories.person(session, actor, now, mrn="L-1", birth_date=date(1990, 5, 23))
        product = {"A": ONABOT, "B": ABO}[brand]
        return start_course(
            Change(session, actor, now),
            CourseEntry(patient.id, MIGRAINE, product, date.fromisoformat(day(4))),
        ).id

    house.change(opened)
    bring_in(house, *months("AAA"))
    assert courses(house) == expected


def test_the_single_other_product_is_wrong_and_an_exposure(house: House) -> None:
    bring_in(house, *months("AABA"))
    evaluated = select(Treatment.product, Treatment.evaluation).join(Patient).where(Patient.mrn == "L-1")
    assert house.rows(evaluated.order_by(Treatment.given_on))[2] == (ABO, "wrong_product")


def test_a_visit_booked_under_a_course_that_an_import_closes_is_a_problem_at_once(house: House) -> None:
    house.book(at(date(2026, 11, 24), 9))
    assert house.course()["booking"] == "ok"
    person = {"MRN": "A-100", "Patient Name": "OKONKWO, Adaeze", "DOB": "1978-03-14"}
    bring_in(house, row("2026-11-18", "Dysport", "500") | person)
    course = house.course()
    assert (str(course["stopped_on"]), course["stop_reason"]) == ("2026-11-18", SWITCHED)
    assert course["booking"] not in ("ok", "none")


def test_an_exposure_that_an_import_tells_makes_a_booked_visit_a_problem_at_once(house: House) -> None:
    house.book(at(date(2026, 11, 24), 9))
    person = {"MRN": "A-100", "Patient Name": "OKONKWO, Adaeze", "DOB": "1978-03-14"}
    applied = bring_in(house, row("2026-11-18", units="250", Diagnosis="Cervical dystonia") | person)
    assert (applied.treatments, applied.elsewhere, applied.courses) == (1, 1, 0)
    course = house.course()
    assert course["booking"] == "too_early"
    # 400 U in 84 days: both count until the first has rolled off, the 250 U until 10 February 2027.
    assert course["earliest_date"] > date(2026, 11, 23)


def elsewhere(house: House) -> list[tuple[Any, ...]]:
    asked = select(Treatment.indication, Treatment.product, Treatment.units, Treatment.known_from)
    return [
        tuple(each) for each in house.rows(asked.where(Treatment.course_id.is_(None)).order_by(Treatment.id))
    ]


def test_what_has_no_course_here_is_kept_as_an_exposure(house: House) -> None:
    applied = bring_in(
        house,
        row("2026-06-19", units="250", Diagnosis="Cervical dystonia"),
        row("2026-06-20", units="20", Diagnosis="Glabellar lines"),
        row("2026-06-21", units="30", Diagnosis="sore arm"),
        row("2026-06-22", "Jeuveau", "40"),
    )
    assert (applied.treatments, applied.elsewhere, applied.courses, applied.unplaced) == (4, 4, 0, 1)
    assert elsewhere(house) == [
        ("cervical_dystonia", ONABOT, 250, "import"),
        ("other", ONABOT, 20, "import"),
        (None, ONABOT, 30, "import"),
        (MIGRAINE, None, 40, "import"),
    ]


def test_once_the_clinic_offers_it_the_same_log_brings_it_under_a_course(house: House) -> None:
    rows = [row(day, units="250", Diagnosis="Cervical dystonia") for day in ("2026-03-19", "2026-06-25")]
    bring_in(house, *rows)
    offered = house.row(Clinic, house.cast.clinic_id)["indications"]
    house.change(lambda s: offer(Change(s, house.cast.actor, house.now), [*offered, "cervical_dystonia"]))
    applied = bring_in(house, *rows)
    assert (applied.treatments, applied.known, applied.courses) == (0, 2, 1)
    assert courses(house) == [("A", "AA", None, "")]
    assert elsewhere(house) == []


SPASTIC = {"Diagnosis": "Spasticity", "icd10": "G81.11"}


def test_without_a_limb_the_patient_needs_a_course_and_a_mapping_gives_it(house: House) -> None:
    rows = [row(day, units="300", **SPASTIC) for day in ("2026-03-19", "2026-06-25")]
    applied = bring_in(house, *rows)
    assert (applied.unplaced, applied.courses, applied.elsewhere) == (1, 0, 2)
    items = select(WorkItem.kind, WorkItem.note, Patient.mrn).join(Patient, Patient.id == WorkItem.patient_id)
    assert house.rows(items) == [("needs_course", "Limb of 2 injections, the last on 25-Jun-2026", "L-1")]
    assert bring_in(house, *rows).known == 2
    assert len(house.rows(items)) == 1
    mapped = bring_in(house, *rows, mapping={"diagnoses": {"G81.11": "spasticity_upper_limb"}})
    assert (mapped.treatments, mapped.known, mapped.courses, mapped.unplaced) == (0, 2, 1, 0)
    assert courses(house) == [("A", "AA", None, "")]
    assert elsewhere(house) == []
    assert house.rows(select(WorkItem.outcome)) == [("course_opened",)]
    # Without the mapping the same rows are known all the same.
    assert bring_in(house, *rows).known == 2


def test_rows_that_an_earlier_release_kept_apart_are_known_and_what_it_left_out_is_added(
    house: House,
) -> None:
    """It made a treatment of each row, and took a second vial of a lot for a repeat."""
    person = {"MRN": "A-100", "Patient Name": "OKONKWO, Adaeze", "DOB": "1978-03-14"}
    told = (("50", "C1"), ("50", "C1"), ("55", "C2"))
    vials = [row("2026-06-19", units=units, Lot=lot) | person for units, lot in told]
    for each in (read(vials).rows[0], read(vials).rows[2]):
        house.treat(each.given_on, int(each.units or 0), lot=each.lot, fingerprint=each.fingerprint)
    applied = bring_in(house, *vials)
    assert (applied.treatments, applied.refused) == (1, [])
    given = select(Treatment.units, Treatment.lot).where(Treatment.given_on == date(2026, 6, 19))
    assert house.rows(given.order_by(Treatment.id)) == [(50, "C1"), (55, "C2"), (50, "C1")]
    assert bring_in(house, *reversed(vials)).known == 1


def test_what_an_earlier_release_read_a_limb_from_is_known(house: House) -> None:
    """A paraplegia's code was a lower limb to it; now the limb is asked for, and the injection is not new."""
    person = {"MRN": "A-100", "Patient Name": "OKONKWO, Adaeze", "DOB": "1978-03-14"}
    paraplegia = row("2026-06-19", units="300", Diagnosis="", icd10="G82.20") | person
    (now,) = read([paraplegia]).rows
    before = fingerprint(now.mrn, now.given_on, "spasticity_lower_limb", now.product, now.units, now.lot)
    house.treat(now.given_on, 300, fingerprint=before)
    assert bring_in(house, paraplegia).known == 1


def test_a_row_without_a_limb_is_not_taken_for_another_row_that_has_one(house: House) -> None:
    upper = row("2026-06-19", units="100", Lot="C1", Diagnosis="RUE spasticity")
    unclear = row("2026-06-19", units="100", Lot="C1", **SPASTIC)
    bring_in(house, upper)
    assert bring_in(house, upper, unclear).treatments == 1
    told = {"diagnoses": {"Spasticity": "spasticity_upper_limb"}}
    mapped = bring_in(
        house, upper, unclear, row("2026-06-19", units="55", Diagnosis="RUE spasticity"), mapping=told
    )
    assert (mapped.treatments, mapped.refused) == (1, [])
    assert courses(house) == [("A", "AAA", None, "")]
    assert elsewhere(house) == []


def test_a_visit_of_several_rows_is_one_treatment_with_its_vials(house: House) -> None:
    rows = [
        row("2026-06-19", units="100", Lot="C1", **{"Units Wasted": "0", "Exp": "2027-05-17"}),
        row("2026-06-19", units="55.5", Lot="C2", **{"Units Wasted": "44.5", "Exp": "2027-01-31"}),
    ]
    bring_in(house, *rows)
    kept = select(Treatment.units, Treatment.units_wasted, Treatment.lot, Treatment.lot_expires_on)
    assert house.rows(kept.join(Patient).where(Patient.mrn == "L-1")) == [
        (155.5, 44.5, "C1 and 1 more", date(2027, 1, 31))
    ]
    vials = select(TreatmentVial.lot, TreatmentVial.units, TreatmentVial.units_wasted)
    assert house.rows(vials.order_by(TreatmentVial.id)) == [("C1", 100, 0), ("C2", 55.5, 44.5)]
    assert bring_in(house, *reversed(rows)).known == 1


def test_sites_are_gathered_with_their_units(house: House) -> None:
    told = [("20", "Frontalis"), ("20", "Temporalis L"), ("2.5", "Procerus")]
    rows = [row("2026-06-19", units=units, Lot="C1", Muscle=site) for units, site in told]
    bring_in(house, *rows)
    kept = select(Treatment.units, Treatment.sites, Treatment.lot, Treatment.evaluation).join(Patient)
    assert house.rows(kept.where(Patient.mrn == "L-1")) == [
        (42.5, "Frontalis 20 U; Temporalis L 20 U; Procerus 2.5 U", "C1", "valid")
    ]
    assert house.rows(select(TreatmentVial.id)) == []


def test_a_treatment_taken_back_does_not_come_again_and_another_dose_is_refused(house: House) -> None:
    rows = months("AA")
    bring_in(house, *rows)
    newest = (
        select(Treatment.id).join(Patient).where(Patient.mrn == "L-1").order_by(Treatment.given_on.desc())
    )
    voided = house.rows(newest)[0][0]
    house.change(lambda s: voiding.void(Change(s, house.cast.actor, house.now), voided, "wrong_details").id)
    assert bring_in(house, *rows).treatments == 0
    other = bring_in(house, rows[0] | {"Units": "195"})
    assert (other.treatments, other.refused) == (
        0,
        [(2, "another dose or lot is already recorded for 10-Jan-2024; correct it there")],
    )


def test_what_somebody_entered_by_hand_is_known_by_its_day_and_units(house: House) -> None:
    person = {"MRN": "A-100", "Patient Name": "OKONKWO, Adaeze", "DOB": "1978-03-14"}
    day = str(date(2026, 11, 23) - timedelta(84))
    two = [row(day, units=units, Lot=f"V{units}") | person for units in ("100", "55")]
    assert bring_in(house, *two).known == 1
    assert len(bring_in(house, two[0]).refused) == 1
