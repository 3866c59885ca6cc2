"""New editions of a product's caps and of its labels; they hold for every course at once, and no visit is moved."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.protocols import labels, products
from clinic_scheduler.domain.protocols.figures import Field, Record, changes, edited, unsourced
from clinic_scheduler.domain.protocols.labels import EVERY_INDICATION, LABEL_FIELDS, label_of
from clinic_scheduler.domain.protocols.products import PRODUCT_FIELDS, product_named
from clinic_scheduler.models import Course, LabelVersion
from clinic_scheduler.queries.protocols.label_versions import courses_under
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh, refresh_turned
from clinic_scheduler.services.locks import lock_clinic, lock_patients


def new_version(
    change: Change,
    of: tuple[str, str],
    overrides: Mapping[str, Mapping[str, Any]],
    based_on: int,
    today: date,
) -> LabelVersion:
    """The next edition of (product, indication), the indication '' being the product's caps.

    Visits that are booked are judged by it in the same commit; the other courses' dates follow (see follow). Sent
    twice, it is made once. Raises ChangedMeanwhile where another edition came in between, InvalidInput where a
    value lacks its source, two contradict each other, or nothing differs.
    """
    session = change.session
    product, indication = of
    lock_clinic(session, change.clinic_id)
    current = _newest(session, change.clinic_id, product, indication)
    version, before = (current.version, current.overrides) if current else (0, {})
    if current is not None and version == based_on + 1 and before == overrides:
        return current
    if version != based_on:
        raise ChangedMeanwhile(f"version {version} was saved after this form was opened")
    changed = _changed(product, indication, before, overrides)
    edition = LabelVersion(
        clinic_id=change.clinic_id,
        product=product,
        indication=indication,
        version=version + 1,
        overrides={name: dict(given) for name, given in overrides.items()},
        created_at=change.now,
        created_by_id=change.actor.user_id,
    )
    session.add(edition)
    session.flush()
    record(
        change,
        "edited",
        "label_versions",
        edition.id,
        product=product,
        indication=indication,
        version=edition.version,
        fields=changed,
    )
    _hold_for_all(session, edition, today, change.now)
    return edition


def follow(change: Change, today: date) -> int:
    """Bring some more patients' dates in line with the editions; how many they were, 0 when all are.

    The worker does it as well: what has to be looked at again since a day has begun is found by the same day.
    """
    return refresh_turned(change.session, change.clinic_id, today, change.now)


def _changed(
    product: str, indication: str, before: Mapping[str, Any], overrides: Mapping[str, Any]
) -> list[str]:
    """Names of the figures that differ from the edition before. Raises InvalidInput where they cannot be saved."""
    default: Record
    fields: tuple[Field, ...]
    if indication == EVERY_INDICATION:
        default, fields = product_named(product), PRODUCT_FIELDS
        flaws = list(products.contradictions(edited(product_named(product), fields, overrides)))
    else:
        default, fields = label_of(product, indication), LABEL_FIELDS
        flaws = list(labels.contradictions(edited(label_of(product, indication), fields, overrides)))
    for _, flaw in [*unsourced(default, fields, overrides), *flaws]:
        raise InvalidInput(flaw)
    old, new = edited(default, fields, before), edited(default, fields, overrides)
    changed = [field.name for field in changes(old, new, fields)]
    if not changed:
        raise InvalidInput("nothing differs from the version before")
    return changed


def _hold_for_all(session: Session, edition: LabelVersion, today: date, now: datetime) -> None:
    """Whoever books meanwhile waits for the patient's lock and is asked by the new figures."""
    under = courses_under(edition.clinic_id, edition.product, edition.indication, today)
    patient_ids = sorted(session.scalars(select(Course.patient_id).where(under).distinct()))
    lock_patients(session, patient_ids)
    session.execute(
        update(Course)
        .where(under)
        .values(turns_on=today, reminders_planned_at=None)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    booked = session.scalars(select(Course.patient_id).where(under, Course.booked_on.is_not(None)).distinct())
    refresh(session, sorted(booked), today, now)


def _newest(session: Session, clinic_id: int, product: str, indication: str) -> LabelVersion | None:
    return session.scalar(
        select(LabelVersion)
        .where(
            LabelVersion.clinic_id == clinic_id,
            LabelVersion.product == product,
            LabelVersion.indication == indication,
        )
        .order_by(LabelVersion.version.desc())
        .limit(1)
    )
