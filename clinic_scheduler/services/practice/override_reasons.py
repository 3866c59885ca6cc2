"""A clinic's own list of reasons for each thing that may be overridden: added, reworded, retired, brought back.

Nothing is ever deleted: a code keeps its meaning on the visits that carry it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import OTHER
from clinic_scheduler.models import OverrideReason
from clinic_scheduler.queries.schedule.override_reasons import reason_line, reason_lines
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.locks import lock_clinic

LONGEST = 120


def add_reason(session: Session, actor: Actor, name: Against, text: str, now: datetime) -> OverrideReason:
    """A reason of the clinic's own, offered from now on. Raises InvalidInput."""
    lock_clinic(session, actor.clinic_id)
    words = _words(session, actor, name, text)
    known = [line.code for line in reason_lines(session, actor.clinic_id, name)]
    number = next(n for n in range(1, len(known) + 2) if f"own_{n}" not in known)
    return _keep(session, actor, name, f"own_{number}", words, True, "added", now)


def reword(session: Session, actor: Actor, name: Against, code: str, text: str, now: datetime) -> None:
    """Other words for the same thing, also on the visits that carry it. Raises InvalidInput, NotFound."""
    lock_clinic(session, actor.clinic_id)
    line = reason_line(session, actor.clinic_id, name, code)
    words = _words(session, actor, name, text, but=code)
    if words != line.text:
        _keep(session, actor, name, code, words, line.is_active, "reworded", now)


def retire(session: Session, actor: Actor, name: Against, code: str, now: datetime) -> None:
    """Offered no more; visits keep it. Raises InvalidInput for "another reason", which is always offered."""
    if code == OTHER:
        raise InvalidInput("this one is always offered, for whatever is on no list")
    _switch(session, actor, name, code, False, "retired", now)


def bring_back(session: Session, actor: Actor, name: Against, code: str, now: datetime) -> None:
    _switch(session, actor, name, code, True, "brought_back", now)


def _switch(
    session: Session, actor: Actor, name: Against, code: str, is_active: bool, action: str, now: datetime
) -> None:
    lock_clinic(session, actor.clinic_id)
    line = reason_line(session, actor.clinic_id, name, code)
    if line.is_active != is_active:
        _keep(session, actor, name, code, line.text, is_active, action, now)


def _words(session: Session, actor: Actor, name: Against, text: str, but: str = "") -> str:
    words = " ".join(text.split())
    if not words or len(words) > LONGEST:
        raise InvalidInput(f"write the reason in 1 to {LONGEST} characters")
    lines = reason_lines(session, actor.clinic_id, name)
    if any(line.text.casefold() == words.casefold() for line in lines if line.code != but):
        raise InvalidInput("this reason is on the list already; bring it back if it was retired")
    return words


def _keep(
    session: Session,
    actor: Actor,
    name: Against,
    code: str,
    text: str,
    is_active: bool,
    action: str,
    now: datetime,
) -> OverrideReason:
    row = session.scalar(
        select(OverrideReason).where(
            OverrideReason.clinic_id == actor.clinic_id,
            OverrideReason.block == name.value,
            OverrideReason.code == code,
        )
    ) or OverrideReason(clinic_id=actor.clinic_id, block=name.value, code=code)
    row.text, row.is_active = text, is_active
    session.add(row)
    session.flush()
    record(session, actor, now, action, "override_reasons", row.id, block=name.value, code=code, text=text)
    return row
