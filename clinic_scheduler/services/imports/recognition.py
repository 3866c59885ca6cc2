"""Which visits of a log are known already, which are new, which cannot be right; and which may have a course."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.models import Patient, Treatment
from clinic_scheduler.services.imports.lookups import Known
from clinic_scheduler.services.imports.visits import Visit, as_one

# How a treatment that came with a log says whom it is known from.
FROM_LOG = KnownFrom.IMPORT


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A visit to add; or, with `kept`, one that is there under no course and can have one now."""

    visit: Visit
    kept: tuple[Treatment, ...] = ()


@dataclass(slots=True)
class Recognised:
    """One patient's visits. `known` counts those there already, `refused` is (line, reason)."""

    newcomers: list[Newcomer] = field(default_factory=list)
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def asked_for(visits: Sequence[Visit]) -> set[str]:
    """Every fingerprint by which one of these may be known."""
    wanted: set[str] = set()
    for visit in visits:
        for read in (visit.fingerprints, *visit.aliases):
            wanted |= {*read, as_one(read)}
    return wanted


def recognise(visits: Sequence[Visit], known: Known) -> Recognised:
    found = Recognised()
    # What one visit of the file is for certain, no other is by being read otherwise.
    certain = {
        known.treatments[each].id
        for visit in visits
        for each in (*visit.fingerprints, as_one(visit.fingerprints))
        if each in known.treatments
    }
    for visit in visits:
        patient = known.patients.get(visit.first.mrn)
        if patient is not None and patient.birth_date != visit.first.birth_date:
            reason = f"this MRN belongs to somebody born on another day than {spoken(visit.first.birth_date)}"
            found.refused += [(row.line, reason) for row in visit.rows]
        else:
            _sort_in(visit, patient, known, certain, found)
    return found


def _sort_in(
    visit: Visit, patient: Patient | None, known: Known, certain: set[int], found: Recognised
) -> None:
    left, matched = _unknown_part(visit, known, certain)
    unplaced = tuple(
        each
        for each in matched
        if each.course_id is None and each.known_from == FROM_LOG and each.voided_at is None
    )
    if unplaced and course_indication(visit, patient, known) is not None:
        found.newcomers.append(Newcomer(visit, unplaced))
    if left is not None and patient is not None:
        others = [each for each in _that_day(visit, patient, known) if each not in matched]
        if others and _total(others) != left.units:
            # What is recorded is a person's word, and it counts; the log's is said and left out.
            reason = f"another dose or lot is already recorded for {spoken(visit.given_on)}; correct it there"
            found.refused += [(row.line, reason) for row in left.rows]
            return
        left = None if others else left
    if left is None:
        found.known += 1
    else:
        found.newcomers.append(Newcomer(left))


def _unknown_part(visit: Visit, known: Known, certain: set[int]) -> tuple[Visit | None, list[Treatment]]:
    """What of a visit is not there yet, and the treatments that are, also where they were read otherwise before."""
    left, matched = _by(visit, visit.fingerprints, known, set())
    if left is not None:
        for read in left.aliases:
            rest, more = _by(left, read, known, certain)
            if more:
                return rest, [*matched, *more]
    return left, matched


def _by(
    visit: Visit, fingerprints: Sequence[str], known: Known, taken: set[int]
) -> tuple[Visit | None, list[Treatment]]:
    """The whole, or each of its rows alone: that is what earlier releases kept, without what looked like a repeat."""

    def there(fingerprint: str) -> Treatment | None:
        treatment = known.treatments.get(fingerprint)
        return None if treatment is None or treatment.id in taken else treatment

    whole = there(as_one(fingerprints))
    if whole is not None:
        return None, [whole]
    rows = [there(each) for each in fingerprints]
    matched = [each for each in rows if each is not None]
    if not matched:
        return visit, []
    numbers = [number for number, each in enumerate(rows) if each is None]
    rest = there(as_one([fingerprints[number] for number in numbers])) if numbers else None
    if rest is not None:
        return None, [*matched, rest]
    return visit.only(numbers) if numbers else None, matched


def _that_day(visit: Visit, patient: Patient, known: Known) -> list[Treatment]:
    """What is recorded of the same day, indication and product, however it came: elsewhere, or here."""

    def alike(each: Treatment) -> bool:
        if visit.first.elsewhere:
            return each.course_id is None
        return each.course_id is not None or each.known_from == FROM_LOG

    return [
        each
        for each in known.given.get(patient.id, [])
        if alike(each)
        and each.given_on == visit.given_on
        and each.product == visit.product
        and known.indication_of(each) == visit.indication
    ]


def _total(treatments: Sequence[Treatment]) -> Decimal | None:
    units = [each.units for each in treatments]
    return None if None in units else sum((each for each in units if each is not None), Decimal(0))


def course_indication(visit: Visit, patient: Patient | None, known: Known) -> str | None:
    """The indication under whose course a visit belongs; None where it was given elsewhere, or nobody can tell.

    The clinic offers it, or the patient has a course of it all the same.
    """
    indication = visit.indication
    if visit.first.elsewhere or indication not in INDICATIONS or indication not in known.protocols:
        return None
    if visit.product is None or visit.units is None:
        return None
    own = known.courses.get(patient.id, []) if patient is not None else []
    has_course = any(course.indication == indication for course in own)
    return indication if indication in known.offered or has_course else None
