"""A clinic's editions of products and labels, and what another edition would do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.values import Course as CourseValue
from clinic_scheduler.domain.protocols.figures import Overrides
from clinic_scheduler.domain.protocols.indications import INDICATIONS, Indication
from clinic_scheduler.domain.protocols.labels import EVERY_INDICATION, Label, label_with
from clinic_scheduler.domain.protocols.products import PRODUCTS, Product, product_with
from clinic_scheduler.models import Clinic, Course, LabelVersion, User
from clinic_scheduler.queries.due.bucket_sql import open_on
from clinic_scheduler.queries.protocols.clinic_figures import own_figures
from clinic_scheduler.queries.protocols.figures_preview import FiguresPreview, figures_preview


@dataclass(frozen=True, slots=True)
class LabelEdition:
    """Version 0 is what is shipped; nobody made it."""

    version: int
    overrides: Overrides
    created_at: datetime | None
    made_by: str | None


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A product for one indication, with how many of its open courses there are."""

    indication: Indication
    label: Label
    own: int
    open_courses: int


@dataclass(frozen=True, slots=True)
class ProductLines:
    """A product with its labels for what the clinic treats; `own` counts figures the clinic changed."""

    product: Product
    own: int
    lines: Sequence[LabelLine]


def label_editions(session: Session, clinic_id: int, product: str, indication: str) -> list[LabelEdition]:
    """The newest first, which is the current one; what is shipped comes last."""
    rows = session.execute(
        select(LabelVersion, User.name)
        .outerjoin(User, User.id == LabelVersion.created_by_id)
        .where(
            LabelVersion.clinic_id == clinic_id,
            LabelVersion.product == product,
            LabelVersion.indication == indication,
        )
        .order_by(LabelVersion.version.desc())
    )
    made = [LabelEdition(row.version, row.overrides, row.created_at, by) for row, by in rows]
    return [*made, LabelEdition(0, {}, None, None)]


def offered_labels(session: Session, clinic_id: int, today: date) -> list[ProductLines]:
    """Every product with its labels: of what the clinic offers, and of what it has open courses of."""
    own = own_figures(session, clinic_id)
    counted: dict[Any, int] = {
        (row[0], row[1]): row[2]
        for row in session.execute(
            select(Course.product, Course.indication, func.count())
            .where(Course.clinic_id == clinic_id, open_on(today))
            .group_by(Course.product, Course.indication)
        )
    }
    offered = session.get_one(Clinic, clinic_id).indications
    return [
        ProductLines(
            product_with(code, own.get((code, EVERY_INDICATION), {})),
            len(own.get((code, EVERY_INDICATION), {})),
            [
                LabelLine(
                    indication,
                    label_with(code, name, own),
                    len(own.get((code, name), {})),
                    counted.get((code, name), 0),
                )
                for name, indication in INDICATIONS.items()
                if name in offered or (code, name) in counted
            ],
        )
        for code in PRODUCTS
    ]


def courses_under(clinic_id: int, product: str, indication: str, today: date) -> ColumnElement[bool]:
    """Open courses an edition holds for: of the product, and of the indication unless it is of every one."""
    under = (Course.clinic_id == clinic_id) & (Course.product == product) & open_on(today)
    return under if indication == EVERY_INDICATION else under & (Course.indication == indication)


def to_be_looked_at(session: Session, clinic_id: int, product: str, indication: str, today: date) -> int:
    """Open courses under an edition whose dates have still to follow it (services/practice/labels.py)."""
    under = courses_under(clinic_id, product, indication, today)
    return session.scalar(select(func.count()).where(under, Course.turns_on <= today)) or 0


def label_preview(
    session: Session,
    clinic_id: int,
    of: tuple[str, str],
    drafted: Callable[[CourseValue], Label],
    today: date,
) -> FiguresPreview:
    """What other figures of (product, indication) would do to its open courses; `drafted` gives a course's label."""
    product, indication = of

    def with_draft(course: CourseValue) -> CourseValue:
        concerns = course.product == product and indication in (EVERY_INDICATION, course.indication)
        return course._replace(label=drafted(course)) if concerns else course

    return figures_preview(session, courses_under(clinic_id, product, indication, today), with_draft, today)
