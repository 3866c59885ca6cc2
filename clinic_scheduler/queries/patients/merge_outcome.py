"""Which values stay when two records are made one: columns (domain/patients/merge_rules.py) and wishes.

Nothing is changed here; services/patients/merging.py writes what is found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.consent import allowed, wanted
from clinic_scheduler.domain.patients.merge_rules import DEFAULTS, RULES, MergeSide, Origin, Settled, settle
from clinic_scheduler.models import AuditEvent, Patient
from clinic_scheduler.queries.messaging.consents import consent_standing, last_word_of_any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Messages that one record wants no more and the other does: they are not sent, whoever spoke last.

    A yes said of one record did not know of the no in the other. `is_last_word` tells whether the no is the newer of
    the two statements, and so needs no saying again.
    """

    purpose: str
    channel: str
    origin: Origin
    is_last_word: bool


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """`columns` has every column that belongs to the person, also where the two agree."""

    columns: Mapping[str, Settled]
    refusals: Sequence[Refusal]


def merge_outcome(session: Session, keep: Patient, lose: Patient) -> MergeOutcome:
    return MergeOutcome(
        settle(_side(session, keep), _side(session, lose)), _refusals(session, keep.id, lose.id)
    )


def _side(session: Session, row: Patient) -> MergeSide:
    return MergeSide({column: getattr(row, column) for column in RULES}, _set_by_hand(session, row.id))


def _set_by_hand(session: Session, patient_id: int) -> frozenset[str]:
    """The preferences that an edit of the record is known to have changed."""
    edits = session.scalars(
        select(AuditEvent.details).where(
            AuditEvent.patient_id == patient_id,
            AuditEvent.subject == Patient.__tablename__,
            AuditEvent.action == "edited",
        )
    )
    return frozenset(name for details in edits for name in details.get("fields", ()) if name in DEFAULTS)


def _refusals(session: Session, keep_id: int, lose_id: int) -> list[Refusal]:
    mine, theirs = consent_standing(session, keep_id), consent_standing(session, lose_id)
    found = []
    for purpose, channel in mine:
        wants = {
            Origin.KEPT: wanted(mine, purpose, channel),
            Origin.OTHER: wanted(theirs, purpose, channel),
        }
        if wants[Origin.KEPT] != wants[Origin.OTHER]:
            origin = min(wants, key=lambda side: wants[side])
            said_last = last_word_of_any(session, (keep_id, lose_id), purpose, channel)
            found.append(Refusal(purpose, channel, origin, is_last_word=not allowed(said_last)))
    return found
