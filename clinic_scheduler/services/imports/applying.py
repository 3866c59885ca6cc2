"""Applying the rows of a clinic's log: patients, courses and visits, each patient whole or not at all.

What is there already is looked up in lookups.py; which visit belongs to which course is courses.py's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from clinic_scheduler.models import Patient, Treatment
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.imports.courses import Leg, plan_courses
from clinic_scheduler.services.imports.lookups import Known, LogRow, known_rows
from clinic_scheduler.services.imports.recognition import Newcomer, asked_for, course_indication, recognise
from clinic_scheduler.services.imports.treatments import (
    add_treatments,
    add_vials,
    answer_question,
    ask_for_course,
    settle_courses,
)
from clinic_scheduler.services.imports.visits import Visit, visits_of
from clinic_scheduler.services.patients import search_keys
from clinic_scheduler.services.patients.records import PatientEntry, patient_row

__all__ = ["Applied", "Fresh", "LogRow", "apply", "sorted_visits"]


@dataclass(slots=True)
class Applied:
    """What an import added. `treatments` are visits, `elsewhere` those of them under no course.

    `stopped` counts courses closed by another product, `unplaced` patients who need a course, `known` visits that
    were there before. `refused` is (line, reason).
    """

    patients: int = 0
    courses: int = 0
    treatments: int = 0
    elsewhere: int = 0
    stopped: int = 0
    unplaced: int = 0
    known: int = 0
    providers: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Applied") -> None:
        self.patients += other.patients
        self.courses += other.courses
        self.treatments += other.treatments
        self.elsewhere += other.elsewhere
        self.stopped += other.stopped
        self.unplaced += other.unplaced
        self.known += other.known
        self.providers += other.providers
        self.refused += other.refused


@dataclass(slots=True)
class Fresh:
    """What a log tells of one patient that is not there yet: visits by course, and such as have none.

    `patient` is None until somebody new is added; `rows` are all of theirs, also what is known.
    """

    patient: Patient | None
    rows: list[LogRow]
    legs: dict[str, list[Leg]]
    elsewhere: list[Visit]

    @property
    def new(self) -> list[Visit]:
        return [*(each.visit for each in self._under_courses if not each.kept), *self.elsewhere]

    @property
    def placed(self) -> list[Visit]:
        """Visits that were there and have found their course."""
        return [each.visit for each in self._under_courses if each.kept]

    @property
    def _under_courses(self) -> list[Newcomer]:
        return [each for own in self.legs.values() for leg in own for each in leg.visits]

    @property
    def needs(self) -> list[Visit]:
        return [visit for visit in self.elsewhere if visit.needs]


def apply(change: Change, patients: Sequence[Sequence[LogRow]]) -> Applied:
    """Add what is not there yet. Reminders are left to the worker's planning, so that a file of any size is quick."""
    applied = Applied()
    known, fresh = sorted_visits(change.session, change.clinic_id, patients, applied)
    _add_patients(change, fresh, known, applied)
    whose = [(_patient(own), own) for own in fresh]
    settle_courses(change, [(patient, own.legs) for patient, own in whose], known)
    rows: list[tuple[Visit, Treatment]] = []
    for patient, own in whose:
        added = add_treatments(change, patient, own.legs, own.elsewhere, known)
        applied.providers += added.providers
        rows += added.rows
    add_vials(change.session, rows)
    for patient, own in whose:
        if own.needs:
            ask_for_course(change, patient, own.needs)
        elif own.placed:
            answer_question(change, patient)
        count(own, applied)
    today = change.today
    refresh(change.session, [patient.id for patient, _ in whose], today, change.now)
    return applied


def sorted_visits(
    session: Session, clinic_id: int, patients: Sequence[Sequence[LogRow]], applied: Applied
) -> tuple[Known, list[Fresh]]:
    """What is new of each patient; what is there already is counted, what cannot be right is refused."""
    visits = [visits_of(rows) for rows in patients]
    wanted = asked_for([visit for own in visits for visit in own])
    known = known_rows(session, clinic_id, [row for rows in patients for row in rows], wanted)
    newcomers: dict[object, list[Newcomer]] = {}
    rows: dict[object, list[LogRow]] = {}
    for own, told in zip(visits, patients, strict=True):
        found = recognise(own, known)
        applied.known += found.known
        applied.refused += found.refused
        if found.newcomers:
            # The number of a record merged into another is that other patient.
            patient = known.patients.get(told[0].mrn)
            who = patient.id if patient is not None else told[0].mrn
            newcomers.setdefault(who, []).extend(found.newcomers)
            rows.setdefault(who, []).extend(told)
    return known, [_planned(known, rows[who], newcomers[who]) for who in newcomers]


def _planned(known: Known, rows: list[LogRow], newcomers: list[Newcomer]) -> Fresh:
    rows.sort(key=lambda row: (row.given_on, row.line))
    newcomers.sort(key=lambda each: (each.visit.given_on, each.visit.first.line))
    patient = known.patients.get(rows[0].mrn)
    by_indication: dict[str, list[Newcomer]] = {}
    elsewhere = []
    for each in newcomers:
        indication = course_indication(each.visit, patient, known)
        if indication is None:
            elsewhere.append(each.visit)
        else:
            by_indication.setdefault(indication, []).append(each)
    courses = known.courses.get(patient.id, []) if patient is not None else []
    given = known.given.get(patient.id, []) if patient is not None else []
    legs = {
        indication: plan_courses([row for row in courses if row.indication == indication], given, own)
        for indication, own in by_indication.items()
    }
    return Fresh(patient, rows, legs, elsewhere)


def _patient(own: Fresh) -> Patient:
    assert own.patient is not None, "patients are added before what they were given"
    return own.patient


def count(own: Fresh, applied: Applied) -> None:
    """Add up what is new of one patient, added or to be added; patients and providers are counted apart."""
    legs = [leg for planned in own.legs.values() for leg in planned]
    applied.courses += sum(leg.is_new for leg in legs)
    applied.stopped += sum(leg.stop is not None and not leg.is_new for leg in legs)
    applied.treatments += len(own.new)
    applied.elsewhere += len(own.elsewhere)
    applied.unplaced += bool(own.needs)


def _add_patients(change: Change, fresh: Sequence[Fresh], known: Known, applied: Applied) -> None:
    """New patients, flushed together; of patients known, blanks are filled and nothing is overwritten."""
    session = change.session
    new, reached = [], []
    for own in fresh:
        entry = _newest_known(own.rows)
        if own.patient is None:
            own.patient = known.patients[entry.mrn] = patient_row(entry, change.clinic_id, change.now)
            new.append(own.patient)
        else:
            reach = (own.patient.phone, own.patient.email)
            _fill_blanks(own.patient, entry, change.now)
            if reach != (own.patient.phone, own.patient.email):
                reached.append(own.patient)
    session.add_all(new)
    session.flush()
    search_keys.index_new(session, new)
    search_keys.index(session, reached)
    for patient in new:
        record(change, "added", "patients", patient.id, patient_id=patient.id)
    applied.patients = len(new)


def _newest_known(rows: Sequence[LogRow]) -> PatientEntry:
    """The person as the newest row that says so knows them; `rows` are one patient's, by date."""
    newest_first = list(reversed(rows))
    newest = newest_first[0]
    weighed = next((row for row in newest_first if row.weight_kg), None)
    return PatientEntry(
        mrn=newest.mrn,
        family_name=newest.family_name,
        given_name=newest.given_name,
        birth_date=newest.birth_date,
        phone=next((row.phone for row in newest_first if row.phone), None),
        email=next((row.email for row in newest_first if row.email), None),
        weight_kg=Decimal(str(weighed.weight_kg)) if weighed else None,
        weighed_on=weighed.given_on if weighed else None,
    )


def _fill_blanks(patient: Patient, entry: PatientEntry, now: datetime) -> None:
    patient.phone = patient.phone or entry.phone
    patient.email = patient.email or entry.email
    if entry.weighed_on and (patient.weighed_on is None or entry.weighed_on > patient.weighed_on):
        patient.weight_kg, patient.weighed_on = entry.weight_kg, entry.weighed_on
    patient.updated_at = now
