"""What a clinic says about a visit: its zone, how long a visit takes, what is told of it. Read once a change."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import zone_named
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.models import Clinic, ProcedureLength, Provider, ReminderRule
from clinic_scheduler.queries.messaging.reminder_rules import rule_value


@dataclass(frozen=True, slots=True)
class VisitTerms:
    """`minutes` is None where a visit takes the provider's usual length."""

    zone: ZoneInfo
    minutes: int | None
    rules: ClinicRules

    def length(self, provider: Provider) -> timedelta:
        return timedelta(minutes=self.minutes or provider.visit_minutes)


_MINUTES = (
    select(ProcedureLength.minutes)
    .where(
        ProcedureLength.clinic_id == Clinic.id,
        ProcedureLength.visit_kind == bindparam("kind"),
        ProcedureLength.indication == bindparam("indication"),
    )
    .scalar_subquery()
)
_TERMS = (
    select(
        Clinic.zone,
        Clinic.reminders_off,
        _MINUTES.label("minutes"),
        ReminderRule.indication,
        ReminderRule.kind,
        ReminderRule.is_on,
        ReminderRule.days,
        ReminderRule.repeat_days,
        ReminderRule.most,
    )
    .outerjoin(ReminderRule, ReminderRule.clinic_id == Clinic.id)
    .where(Clinic.id == bindparam("clinic"))
)


def visit_terms(
    session: Session, clinic_id: int, indication: str, kind: str = VisitKind.INJECTION
) -> VisitTerms:
    """Injections take their time by indication, the other kinds one length each."""
    asked = {
        "clinic": clinic_id,
        "kind": kind,
        "indication": indication if kind == VisitKind.INJECTION else "",
    }
    rows = session.execute(_TERMS, asked).all()
    own = {(row.indication, row.kind): rule_value(row) for row in rows if row.kind is not None}
    first = rows[0]
    rules = ClinicRules(own, frozenset(first.reminders_off.split()))
    return VisitTerms(zone_named(first.zone), first.minutes, rules)
