"""The reasons a clinic offers for overriding what stands against a visit: the shipped ones, and its own over them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import (
    ALREADY_OVERDUE,
    CARRIED_OVER,
    OTHER,
    SHIPPED,
    shipped_for,
)
from clinic_scheduler.models import OverrideReason


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason of a list as Settings shows it; `own` where the clinic added it or changed its words."""

    code: str
    text: str
    is_active: bool
    own: bool


def reasons_for(session: Session, clinic_id: int, name: Against) -> dict[str, str]:
    """Code -> words of what may be chosen for one name, in order; "another reason" last."""
    return reasons_by_name(session, clinic_id, [name])[name]


def reasons_by_name(
    session: Session, clinic_id: int, names: Iterable[Against]
) -> dict[Against, dict[str, str]]:
    """The same for some names, in one statement; none where there is no name."""
    wanted = list(names)
    rows = _own(session, clinic_id, OverrideReason.block.in_(wanted)) if wanted else []
    return {name: _offered(_lines(name, [row for row in rows if row.block == name])) for name in wanted}


def _offered(lines: Iterable[ReasonLine]) -> dict[str, str]:
    return {line.code: line.text for line in lines if line.is_active}


def reason_lines(session: Session, clinic_id: int, name: Against) -> list[ReasonLine]:
    """All of one name's reasons, retired ones too: the shipped, then the clinic's, then "another reason"."""
    return _lines(name, _own(session, clinic_id, OverrideReason.block == name.value))


def every_reason(session: Session, clinic_id: int) -> dict[Against, list[ReasonLine]]:
    """The lists of all names, in the rule's order; one statement."""
    rows = _own(session, clinic_id)
    return {name: _lines(name, [row for row in rows if row.block == name]) for name in Against}


def reason_line(session: Session, clinic_id: int, name: Against, code: str) -> ReasonLine:
    """Raises NotFound for a reason that is not on the list."""
    found = (line for line in reason_lines(session, clinic_id, name) if line.code == code)
    line = next(found, None)
    if line is None:
        raise NotFound("no such reason")
    return line


def _own(session: Session, clinic_id: int, *which: ColumnElement[bool]) -> Sequence[OverrideReason]:
    rows = select(OverrideReason).where(OverrideReason.clinic_id == clinic_id, *which)
    return session.scalars(rows.order_by(OverrideReason.id)).all()


def _lines(name: Against, rows: Iterable[OverrideReason]) -> list[ReasonLine]:
    own = {row.code: row for row in rows}
    codes = dict.fromkeys([*SHIPPED[name], *(code for code in own if code != OTHER), OTHER])
    shipped = shipped_for(name)
    return [
        ReasonLine(code, own[code].text, own[code].is_active, True)
        if code in own
        else ReasonLine(code, shipped[code], True, False)
        for code in codes
    ]


def reason_words(session: Session, clinic_id: int) -> Mapping[tuple[str, str], str]:
    """(name, code) -> words of every reason ever offered, for what stands on visits."""
    words = {(name.value, code): text for name in Against for code, text in CARRIED_OVER.items()}
    words |= {(name.value, code): text for name in Against for code, text in shipped_for(name).items()}
    words[Against.LATE.value, ALREADY_OVERDUE] = "The course was overdue already"
    rows = session.scalars(select(OverrideReason).where(OverrideReason.clinic_id == clinic_id))
    return words | {(row.block, row.code): row.text for row in rows}
