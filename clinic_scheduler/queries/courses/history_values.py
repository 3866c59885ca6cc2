"""Rows of patients, courses, treatments and holds as the plain values the rules work on; reads nothing itself."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.values import (
    Authorization,
    Course,
    Decision,
    GivenSession,
    Hold,
    Patient,
)
from clinic_scheduler.domain.patients.holds import spoken_reason
from clinic_scheduler.domain.protocols.indications import protocol_with
from clinic_scheduler.domain.protocols.labels import label_with
from clinic_scheduler.domain.protocols.protocol import Protocol
from clinic_scheduler.models import Course as CourseRow
from clinic_scheduler.models import Hold as HoldRow
from clinic_scheduler.models import Patient as PatientRow
from clinic_scheduler.models import ProtocolVersion, Treatment
from clinic_scheduler.queries.protocols.clinic_figures import Figures


class BookedVisit(NamedTuple):
    """The day of a course's open injection visit, and what was overridden for it by name."""

    day: date
    overridden: tuple[str, ...]


def patient_value(row: PatientRow, holds: tuple[Hold, ...] = ()) -> Patient:
    """To the rules, who has moved away is like who has died: nothing is due here any more."""
    gone = row.deceased_on is not None or row.moved_on is not None
    return Patient(row.birth_date, _number(row.weight_kg), gone, holds)


def session_value(row: Treatment) -> GivenSession:
    return GivenSession(
        id=row.id,
        course_id=row.course_id,
        given_on=row.given_on,
        units=_number(row.units),
        product=row.product,
        outcome=row.outcome,
        kind=row.kind,
        lot_expires_on=row.lot_expires_on,
        indication=row.indication,
    )


def course_value(
    row: CourseRow,
    figures: Figures,
    booked: BookedVisit | None,
    holds: tuple[Hold, ...] = (),
    consulted_on: date | None = None,
    decisions: tuple[Decision, ...] = (),
) -> Course:
    return Course(
        id=row.id,
        product=row.product,
        started_on=row.started_on,
        protocol=protocol_value(row.protocol_version),
        label=label_with(row.product, row.indication, figures),
        stopped_on=row.stopped_on,
        planned_units=_number(row.planned_units),
        personal_interval=parse_interval(row.personal_interval) if row.personal_interval else None,
        payer_minimum_interval=parse_interval(row.payer_minimum_interval)
        if row.payer_minimum_interval
        else None,
        authorization_required=row.authorization_required,
        authorizations=tuple(
            Authorization(a.starts_on, a.ends_on, a.visits_left, _number(a.units_left))
            for a in row.authorizations
        ),
        holds=holds,
        booked_on=booked.day if booked else None,
        booked_override=booked.overridden if booked else (),
        consulted_on=consulted_on,
        decisions=decisions,
    )


def hold_values(rows: Iterable[HoldRow], indication: str | None) -> tuple[Hold, ...]:
    """Those of one indication, or with None those of whatever is treated."""
    return tuple(hold_value(hold) for hold in rows if hold.indication == indication)


def hold_value(row: HoldRow) -> Hold:
    return Hold(row.starts_on, row.ends_on, spoken_reason(row.reason, row.note))


def protocol_value(row: ProtocolVersion) -> Protocol:
    return protocol_with(row.indication, row.overrides)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
