"""A treatment form sent twice makes one treatment; a used form with other contents is refused."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.models import Treatment, TreatmentVial
from clinic_scheduler.services.actors import Actor

# What a form says of a treatment; what follows from it, such as its visit, is not asked.
_TYPED = (
    *(
        "patient_id",
        "course_id",
        "provider_id",
        "given_on",
        "is_approximate",
        "units",
        "units_wasted",
        "product",
    ),
    *("indication", "given_at", "known_from", "lot", "lot_expires_on", "outcome", "kind", "sites", "notes"),
)
_OF_A_VIAL = ("lot", "expires_on", "units", "units_wasted")


def kept_already(session: Session, actor: Actor, fingerprint: str) -> Treatment | None:
    """The row that this very form made before."""
    same = (Treatment.clinic_id == actor.clinic_id, Treatment.fingerprint == fingerprint)
    return session.scalar(select(Treatment).where(*same))


def same_again(
    session: Session, twin: Treatment, row: Treatment, vials: Sequence[TreatmentVial] = ()
) -> Treatment:
    """The kept row, if the form says of it what `row`, unsaved, says now.

    Raises BookingRefused where it was voided since, which the same form must not take back, and where the form was
    altered after it was used (a browser's back button): what was typed is not kept and must not look so.
    """
    if twin.voided_at is not None:
        raise BookingRefused(
            "used",
            "This page was used already, and its treatment was voided since. Nothing was recorded. "
            "Open the form anew.",
        )
    kept = session.scalars(select(TreatmentVial).where(TreatmentVial.treatment_id == twin.id)).all()
    if _said(twin, _TYPED) == _said(row, _TYPED) and _all(kept) == _all(vials):
        return twin
    raise BookingRefused(
        "used",
        f"This page was used already, and what it recorded stands: {_in_words(twin)}. Nothing else was recorded. "
        "Open the form anew for another treatment; a provider takes out what was entered wrongly.",
    )


def _in_words(twin: Treatment) -> str:
    units = "units not known" if twin.units is None else f"{float(twin.units):g} U"
    return f"{units} on {spoken(twin.given_on)}"


def _all(vials: Sequence[TreatmentVial]) -> list[str]:
    return sorted(repr(_said(vial, _OF_A_VIAL)) for vial in vials)


def _said(row: Treatment | TreatmentVial, names: Sequence[str]) -> list[Any]:
    """Units to the hundredth, as they are stored; what an unsaved row leaves open is the column's default."""
    values = []
    for name in names:
        value, default = getattr(row, name), type(row).__table__.c[name].default
        if value is None and default is not None:
            value = default.arg
        values.append(float(round(value, 2)) if isinstance(value, Decimal) else value)
    return values
