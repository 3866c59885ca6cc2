"""A clinic's own figures of products and labels, the newest edition of each; what it left alone is shipped."""

from collections.abc import Collection, Mapping

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.domain.protocols.figures import Overrides
from clinic_scheduler.models import LabelVersion

# By (product, indication); the indication '' is the product itself. As label_with takes it.
Figures = Mapping[tuple[str, str], Overrides]

_newer = aliased(LabelVersion)
# Built once, as those of histories.py are.
_NEWEST = (
    select(LabelVersion)
    .outerjoin(
        _newer,
        and_(
            _newer.clinic_id == LabelVersion.clinic_id,
            _newer.product == LabelVersion.product,
            _newer.indication == LabelVersion.indication,
            _newer.version > LabelVersion.version,
        ),
    )
    .where(LabelVersion.clinic_id.in_(bindparam("clinics", expanding=True)), _newer.id.is_(None))
)


def clinic_figures(session: Session, clinic_ids: Collection[int]) -> dict[int, Figures]:
    """By clinic, empty where it has changed nothing; one statement."""
    rows = session.scalars(_NEWEST, {"clinics": list(clinic_ids)})
    found: dict[int, dict[tuple[str, str], Overrides]] = {clinic_id: {} for clinic_id in clinic_ids}
    for row in rows:
        if row.overrides:
            found[row.clinic_id][row.product, row.indication] = row.overrides
    return dict(found)


def own_figures(session: Session, clinic_id: int) -> Figures:
    """One clinic's."""
    return clinic_figures(session, [clinic_id])[clinic_id]
