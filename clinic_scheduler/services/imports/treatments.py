"""Writing what a log adds of patients that are there: courses closed and opened, visits with their vials, questions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Course, Patient, Provider, Treatment, TreatmentVial, WorkItem
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, course_row
from clinic_scheduler.services.imports.courses import ANOTHER_PRODUCT, Leg
from clinic_scheduler.services.imports.lookups import Known, bare_name
from clinic_scheduler.services.imports.recognition import FROM_LOG
from clinic_scheduler.services.imports.visits import Visit, as_one
from clinic_scheduler.services.practice.clinics import add_provider
from clinic_scheduler.services.work_items import open_item_again

# By indication.
Legs = Mapping[str, Sequence[Leg]]
_NAME_LENGTH = 120


def settle_courses(change: Change, planned: Iterable[tuple[Patient, Legs]], known: Known) -> None:
    """Close what another product follows, then open what is new: only one course of a product is open at a time."""
    legs = [
        (patient, indication, leg)
        for patient, by_indication in planned
        for indication, own in by_indication.items()
        for leg in own
    ]
    for _, _, leg in legs:
        if leg.course is not None and leg.stop is not None:
            _stop(change, leg.course, leg)
    change.session.flush()
    for patient, indication, leg in legs:
        if leg.course is None:
            leg.course = _opened(patient, indication, leg, known, change.now)
            change.session.add(leg.course)
    change.session.flush()
    for patient, _, leg in legs:
        if leg.is_new and leg.course is not None:
            record(change, "opened", "courses", leg.course.id, patient_id=patient.id)


def _stop(change: Change, course: Course, leg: Leg) -> None:
    course.stopped_on, course.stop_reason = leg.stop, ANOTHER_PRODUCT
    record(change, "stopped", "courses", course.id, patient_id=course.patient_id)


def _opened(patient: Patient, indication: str, leg: Leg, known: Known, now: datetime) -> Course:
    """From its first visit on; closed at once where another product follows in the log."""
    began = min(each.visit.given_on for each in leg.visits)
    entry = CourseEntry(patient.id, indication, leg.product, started_on=began)
    course = course_row(entry, known.protocols[indication], now)
    course.stopped_on, course.stop_reason = leg.stop, ANOTHER_PRODUCT if leg.stop else None
    return course


class Added(NamedTuple):
    """`rows` are the treatments of one patient with the visits they are made of; `providers` had to be added."""

    rows: list[tuple[Visit, Treatment]]
    providers: list[str]


def add_treatments(
    change: Change, patient: Patient, legs: Legs, elsewhere: Sequence[Visit], known: Known
) -> Added:
    """One patient's visits, unsaved: a batch of patients is written at once, and then add_vials called."""
    added: list[str] = []
    rows: list[tuple[Visit, Treatment]] = []
    for leg in (leg for own in legs.values() for leg in own):
        for each in leg.visits:
            provider = _provider(change, each.visit.provider_name, known, added)
            assert leg.course is not None
            _extend(leg.course, each.visit, provider)
            for kept in each.kept:
                kept.course_id, kept.indication = leg.course.id, None
            if not each.kept:
                row = _treatment(each.visit, patient, leg.course, provider, change.actor, change.now)
                rows.append((each.visit, row))
    for visit in elsewhere:
        provider = _provider(change, visit.provider_name, known, added)
        rows.append((visit, _treatment(visit, patient, None, provider, change.actor, change.now)))
    change.session.add_all(row for _, row in rows)
    for course in known.courses.get(patient.id, []):
        # What was given moves every date. Left for the worker: it plans what was never planned.
        course.reminders_planned_at = None
    about = {"patient_id": patient.id, "treatments": len(rows)}
    record(change, "imported", "patients", patient.id, **about)
    return Added(rows, added)


def add_vials(session: Session, rows: Iterable[tuple[Visit, Treatment]]) -> None:
    """Write the treatments, and then the vials of each."""
    session.flush()
    session.add_all(vial for visit, row in rows for vial in _vials(visit, row))


def _extend(course: Course, visit: Visit, provider: Provider | None) -> None:
    """The course reaches back to its first treatment and is its latest provider's."""
    course.started_on = min(course.started_on, visit.given_on)
    if provider is not None and (course.reference_on is None or visit.given_on >= course.reference_on):
        course.provider_id = provider.id


def _provider(change: Change, name: str | None, known: Known, added: list[str]) -> Provider | None:
    """The provider of that name, with or without title; a new one gets standard hours, which is said."""
    wanted = bare_name(name or "")
    if not wanted:
        return None
    if wanted not in known.providers:
        known.providers[wanted] = add_provider(change, " ".join((name or "").split()))
        added.append(known.providers[wanted].name)
    return known.providers[wanted]


def _treatment(
    visit: Visit,
    patient: Patient,
    course: Course | None,
    provider: Provider | None,
    actor: Actor,
    now: datetime,
) -> Treatment:
    """Under its course; else with what it was for and where, as far as the log tells."""
    row = Treatment(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        provider_id=provider.id if provider else None,
        given_on=visit.given_on,
        units=visit.units,
        units_wasted=visit.units_wasted,
        product=visit.product,
        lot=visit.lot,
        lot_expires_on=visit.lot_expires_on,
        outcome=visit.outcome,
        kind=visit.kind,
        sites=visit.sites,
        notes=visit.notes,
        fingerprint=as_one(visit.fingerprints),
        recorded_at=now,
        recorded_by_id=actor.user_id,
    )
    if course is not None:
        row.course_id = course.id
    else:
        row.indication, row.known_from = visit.indication, KnownFrom(visit.first.known_from or FROM_LOG)
        row.given_at = (visit.location or "")[:_NAME_LENGTH] or None
        row.is_approximate = visit.first.is_approximate
    return row


def _vials(visit: Visit, row: Treatment) -> list[TreatmentVial]:
    return [
        TreatmentVial(
            treatment_id=row.id,
            lot=vial.lot,
            expires_on=vial.expires_on,
            units=vial.units,
            units_wasted=vial.units_wasted,
        )
        for vial in visit.vials
    ]


def ask_for_course(change: Change, patient: Patient, unplaced: Sequence[Visit]) -> None:
    """Somebody was given toxin and nobody can tell under which course: the desk is asked, once a patient."""
    what = "limb" if all(visit.needs == "limb" for visit in unplaced) else "indication"
    count = f"{len(unplaced)} injections" if len(unplaced) > 1 else "1 injection"
    note = f"{what.capitalize()} of {count}, the last on {spoken(max(visit.given_on for visit in unplaced))}"
    key = f"{WorkItemKind.NEEDS_COURSE}:{patient.id}"
    open_item_again(
        change.session,
        change.clinic_id,
        WorkItemKind.NEEDS_COURSE,
        key,
        change.now,
        patient_id=patient.id,
        note=note,
    )


def answer_question(change: Change, patient: Patient) -> None:
    """A log that says by now what its rows left open has answered the question itself."""
    change.session.flush()
    open_still = change.session.scalar(
        select(Treatment.id)
        .where(
            Treatment.patient_id == patient.id,
            Treatment.course_id.is_(None),
            Treatment.indication.is_(None),
            Treatment.known_from == FROM_LOG,
            Treatment.voided_at.is_(None),
        )
        .limit(1)
    )
    if open_still is None:
        asked = WorkItem.dedupe_key == f"{WorkItemKind.NEEDS_COURSE}:{patient.id}"
        change.session.execute(
            update(WorkItem)
            .where(asked, WorkItem.closed_at.is_(None))
            .values(closed_at=change.now, closed_by_id=change.actor.user_id, outcome="course_opened")
        )
