"""Whatever a log holds: its net units arrive, an export reads back as the same, and importing again adds nothing."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.importing import ImportReading, read_log
from clinic_scheduler.importing.spool import by_patient
from clinic_scheduler.models import Course, Patient, Treatment, TreatmentVial
from clinic_scheduler.queries.courses.treatment_log import treatment_log
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports import applying
from clinic_scheduler.services.imports.preview import preview
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic
from tests.factories import ZONE
from tests.integration.house import House
from tests.integration.log_rows import AS_OF, read, row
from tests.unit.importing.made_up_logs import Log, logs

NUMBERS = count()
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """A clinic without anybody, on the house's database."""

    house: House
    actor: Actor

    def bring_in(self, reading: ImportReading) -> applying.Applied:
        expected = self.house.look(
            lambda s: preview(s, self.actor.clinic_id, [list(by_patient(reading.rows))])
        )
        applied = self.house.change(
            lambda s: applying.apply(Change(s, self.actor, self.house.now), list(by_patient(reading.rows)))
        )
        assert expected == applied
        assert applied.refused == []
        return applied

    def totals(self) -> dict[tuple[str, str], Decimal]:
        units = select(Patient.mrn, Treatment.product, func.sum(Treatment.units)).join(Patient)
        mine = units.where(Treatment.clinic_id == self.actor.clinic_id)
        found = self.house.rows(mine.group_by(Patient.mrn, Treatment.product))
        return {(mrn, product): sum_ for mrn, product, sum_ in found if sum_}

    def under_courses(self) -> list[Row]:
        """Each treatment with its course and vials, without ids."""

        def work(session: Session) -> list[Row]:
            found = select(Patient.mrn, Course, Treatment).join(Course, Course.patient_id == Patient.id)
            found = found.join(Treatment, Treatment.course_id == Course.id)
            mine = found.where(Treatment.clinic_id == self.actor.clinic_id)
            return [_plain(session, *row) for row in session.execute(mine)]

        return sorted(self.house.look(work), key=repr)

    def exported(self) -> ImportReading:
        out = io.StringIO(newline="")
        self.house.look(lambda s: csv.writer(out).writerows(treatment_log(s, self.actor.clinic_id)))
        return read_log(out.getvalue().encode(), as_of=AS_OF)


def _plain(session: Session, mrn: str, course: Course, treatment: Treatment) -> Row:
    vials = session.scalars(
        select(TreatmentVial).where(TreatmentVial.treatment_id == treatment.id).order_by(TreatmentVial.id)
    )
    own = (course.indication, course.product, course.started_on, course.stopped_on, course.stop_reason)
    names = "given_on product units units_wasted lot lot_expires_on outcome kind sites notes"
    given = tuple(getattr(treatment, name) for name in names.split())
    return (mrn, own, given, tuple((v.lot, v.units, v.units_wasted, v.expires_on) for v in vials))


def place(house: House) -> Place:
    name = f"Clinic {next(NUMBERS)}"
    entry = ClinicEntry(name, ZONE.key, "+12065550100", "desk@example.org")
    clinic_id = house.change(lambda s: open_clinic(s, "test", entry, house.now).id)
    return Place(house, Actor("Test", clinic_id, None, frozenset({"admin"})))


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs)
def test_every_unit_arrives_and_an_export_reads_back_as_the_same(house: House, log: Log) -> None:
    here, there = place(house), place(house)
    reading = read(log.rows)
    assert reading.errors == ()
    applied = here.bring_in(reading)
    assert applied.treatments == reading.visit_count
    assert here.totals() == log.totals()
    again = here.bring_in(reading)
    assert (again.treatments, again.courses, again.stopped) == (0, 0, 0)
    if here.under_courses():
        there.bring_in(here.exported())
        assert there.under_courses() == here.under_courses()
        assert here.bring_in(here.exported()).treatments == 0
    assert here.totals() == log.totals()


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs, chance=st.randoms())
def test_what_a_bill_takes_back_does_not_arrive(house: House, log: Log, chance: Random) -> None:
    """By visit, by vial and by site; what was taken back is billed again, and rows stand in any order."""
    taken_back = [row for row in log.rows if row["Units"] != "0" and chance.random() < 0.5]
    billed = [*log.rows, *(row | {"Units": f"-{row['Units']}"} for row in taken_back), *taken_back]
    chance.shuffle(billed)
    here, reading = place(house), read(billed)
    here.bring_in(reading)
    assert here.totals() == Log(log.style, billed).totals()
    assert len(reading.bad_lines) == 2 * len(taken_back)
    assert here.bring_in(reading).treatments == 0
    assert here.totals() == Log(log.style, billed).totals()


@pytest.mark.usefixtures("shared_app")
@pytest.mark.parametrize("source", KnownFrom)
def test_who_says_that_it_was_given_elsewhere_is_kept(house: House, source: KnownFrom) -> None:
    here = place(house)
    told = {"Kind": "Given elsewhere", "Known From": source.label}
    here.bring_in(read([row("2026-11-02") | told]))
    kept = select(Treatment.known_from).where(Treatment.clinic_id == here.actor.clinic_id)
    assert house.rows(kept) == [(source.value,)]
    exported = here.exported()
    assert [each.known_from for each in exported.rows] == [source.value]
    assert here.bring_in(exported).treatments == 0


@pytest.mark.usefixtures("shared_app")
def test_an_injection_taken_back_and_billed_again_is_stored_once(house: House) -> None:
    here = place(house)
    reading = read([row("2026-11-02", units=units) for units in ("155", "-155", "165")])
    here.bring_in(reading)
    here.bring_in(reading)
    assert here.totals() == {("L-1", "onabotulinumtoxinA"): Decimal(165)}
