"""A clinic's own list of reasons for each thing that may be overridden: added, reworded, retired, brought back.

Nothing is ever deleted: a code keeps its meaning on the visits that carry it.
"""

from sqlalchemy import select

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import OTHER
from clinic_scheduler.models import OverrideReason
from clinic_scheduler.queries.schedule.override_reasons import reason_line, reason_lines
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_clinic

LONGEST = 120


def add_reason(change: Change, name: Against, text: str) -> OverrideReason:
    """A reason of the clinic's own, offered from now on. Raises InvalidInput."""
    lock_clinic(change.session, change.clinic_id)
    words = _words(change, name, text)
    known = [line.code for line in reason_lines(change.session, change.clinic_id, name)]
    number = next(n for n in range(1, len(known) + 2) if f"own_{n}" not in known)
    return _keep(change, name, f"own_{number}", words, True, "added")


def reword(change: Change, name: Against, code: str, text: str) -> None:
    """Other words for the same thing, also on the visits that carry it. Raises InvalidInput, NotFound."""
    lock_clinic(change.session, change.clinic_id)
    line = reason_line(change.session, change.clinic_id, name, code)
    words = _words(change, name, text, but=code)
    if words != line.text:
        _keep(change, name, code, words, line.is_active, "reworded")


def retire(change: Change, name: Against, code: str) -> None:
    """Offered no more; visits keep it. Raises InvalidInput for "another reason", which is always offered."""
    if code == OTHER:
        raise InvalidInput("this one is always offered, for whatever is on no list")
    _switch(change, name, code, False, "retired")


def bring_back(change: Change, name: Against, code: str) -> None:
    _switch(change, name, code, True, "brought_back")


def _switch(change: Change, name: Against, code: str, is_active: bool, action: str) -> None:
    lock_clinic(change.session, change.clinic_id)
    line = reason_line(change.session, change.clinic_id, name, code)
    if line.is_active != is_active:
        _keep(change, name, code, line.text, is_active, action)


def _words(change: Change, name: Against, text: str, but: str = "") -> str:
    words = " ".join(text.split())
    if not words or len(words) > LONGEST:
        raise InvalidInput(f"write the reason in 1 to {LONGEST} characters")
    lines = reason_lines(change.session, change.clinic_id, name)
    if any(line.text.casefold() == words.casefold() for line in lines if line.code != but):
        raise InvalidInput("this reason is on the list already; bring it back if it was retired")
    return words


def _keep(
    change: Change, name: Against, code: str, text: str, is_active: bool, action: str
) -> OverrideReason:
    row = change.session.scalar(
        select(OverrideReason).where(
            OverrideReason.clinic_id == change.clinic_id,
            OverrideReason.block == name.value,
            OverrideReason.code == code,
        )
    ) or OverrideReason(clinic_id=change.clinic_id, block=name.value, code=code)
    row.text, row.is_active = text, is_active
    change.session.add(row)
    change.session.flush()
    record(change, action, "override_reasons", row.id, block=name.value, code=code, text=text)
    return row
