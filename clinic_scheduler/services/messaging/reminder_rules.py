"""A clinic's own reminder rules: saved, or given back to the default; the worker then plans whom they touch anew."""

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.messaging.reminder_rules import (
    EVERY_INDICATION,
    Rule,
    flaws,
    in_order,
    shipped_rules,
)
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.models import Clinic, Course, ReminderRule
from clinic_scheduler.queries.messaging.reminder_rules import clinic_rules, rule_value
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change


def save_rule(change: Change, kind: str, indication: str, rule: Rule) -> int | None:
    """The clinic's rule for a kind, of one indication or of all ("").

    Returns how many courses will be planned anew; None where nothing differs. Raises InvalidInput.
    """
    require_known(kind, indication)
    for _, flaw in flaws(kind, rule):
        raise InvalidInput(f"{flaw[:1].lower()}{flaw[1:]}. Nothing was changed")
    days = in_order(rule.days)
    row = _locked_row(change, kind, indication)
    if row is None:
        row = ReminderRule(clinic_id=change.clinic_id, indication=indication, kind=kind)
        change.session.add(row)
    elif rule_value(row) == Rule(rule.is_on, days, rule.repeat_days, rule.most):
        return None
    row.is_on, row.days = rule.is_on, " ".join(map(str, days))
    row.repeat_days, row.most = rule.repeat_days, rule.most
    row.updated_at, row.updated_by_id = change.now, change.actor.user_id
    change.session.flush()
    _audit(change, "changed", row, rule_value(row))
    return leave_to_worker(change.session, change.clinic_id, indication)


def reset_rule(change: Change, kind: str, indication: str) -> int | None:
    """Give the kind back to the rule that stands behind: the clinic's for all, or the default. As save_rule."""
    session = change.session
    require_known(kind, indication)
    row = _locked_row(change, kind, indication)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    behind = clinic_rules(session, change.clinic_id).rule(kind, indication)
    _audit(change, "reset", row, behind)
    return leave_to_worker(session, change.clinic_id, indication)


def leave_to_worker(session: Session, clinic_id: int, indication: str = EVERY_INDICATION) -> int:
    """Every open course of the clinic, or of an indication there, is planned anew by the plan job. How many."""
    touched = [Course.clinic_id == clinic_id, Course.stopped_on.is_(None)]
    if indication != EVERY_INDICATION:
        touched.append(Course.indication == indication)
    result = session.execute(
        update(Course)
        .where(*touched)
        .values(reminders_planned_at=None)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def require_known(kind: str, indication: str) -> None:
    """Raises InvalidInput for a kind that has no rule, or an indication there is not."""
    if kind not in shipped_rules():
        raise InvalidInput(f"a rule's kind is one of {', '.join(shipped_rules())}. Nothing was changed")
    if indication not in (EVERY_INDICATION, *INDICATIONS):
        raise InvalidInput(f"unknown indication {indication!r}. Nothing was changed")


def _locked_row(change: Change, kind: str, indication: str) -> ReminderRule | None:
    """Two administrators wait for each other at the clinic's row, as there may be no rule's row to lock yet."""
    change.session.get_one(Clinic, change.clinic_id, with_for_update=True)
    return change.session.scalar(
        select(ReminderRule).where(
            ReminderRule.clinic_id == change.clinic_id,
            ReminderRule.indication == indication,
            ReminderRule.kind == kind,
        )
    )


def _audit(change: Change, action: str, row: ReminderRule, rule: Rule) -> None:
    record(
        change,
        action,
        "reminder_rules",
        row.id,
        kind=row.kind,
        indication=row.indication or "all",
        is_on=rule.is_on,
        days=list(rule.days),
        repeat_days=rule.repeat_days,
        most=rule.most,
    )
