"""A reminder rule as it is typed, and the switches that stop a kind at once."""

from collections.abc import Iterable
from typing import Any

from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import Optional

from clinic_scheduler.domain.messaging.kinds import KINDS, Plan
from clinic_scheduler.domain.messaging.reminder_rules import (
    LEAST_REPEAT,
    MOST_DAYS,
    MOST_REPEAT,
    MOST_TIMES,
    Rule,
    flaws,
    in_order,
    shipped_rules,
)
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.base import Form, choices, text_field

ON_OFF = (("on", "Yes"), ("off", "No"))
_DAYS_LABELS = {
    Plan.BEFORE_VISIT: (
        "Days before the visit",
        "Numbers with a space between, such as 7 3 1; 0 is the day itself",
    ),
    Plan.TO_BOOK: ("Days before the earliest date", f"0 to {MOST_DAYS}"),
    Plan.OVERDUE: ("Days after the course became overdue", f"For the first message; 0 to {MOST_DAYS}"),
}


class RuleForm(Form):
    """`shaped` leaves the fields the kind has."""

    is_on = RadioField("Send it", choices=choices(ON_OFF))
    days = text_field("Days", longest=40)
    repeat_days = IntegerField(
        "Days between two messages",
        description=f"{LEAST_REPEAT} to {MOST_REPEAT}",
        validators=[Optional()],
    )
    most = IntegerField(
        "Messages at most", description=f"In one cycle, 1 to {MOST_TIMES}", validators=[Optional()]
    )

    def shaped(self, kind: str) -> "RuleForm":
        if KINDS[kind].most_days:
            self.days.label.text, self.days.description = _DAYS_LABELS[KINDS[kind].plan]
        else:
            del self.days
        if not KINDS[kind].repeats:
            del self.repeat_days, self.most
        return self

    def rule(self, kind: str) -> Rule | None:
        """The rule that was typed; None where something is wrong, which the fields then say."""
        if not self.validate():
            return None
        days = _numbers(self.days.data or "") if "days" in self else ()
        if days is None:
            self.days.errors = ["Enter whole numbers with a space between, such as 7 3 1"]
            return None
        rule = Rule(
            self.is_on.data == "on", in_order(days), self._number("repeat_days"), self._number("most")
        )
        found = flaws(kind, rule)
        for name, text in found:
            self[name].errors = [*self[name].errors, text]
        return None if found else rule

    def _number(self, name: str) -> int | None:
        return self[name].data if name in self else None

    @classmethod
    def of(cls, kind: str, rule: Rule) -> "RuleForm":
        data: dict[str, Any] = {
            "is_on": "on" if rule.is_on else "off",
            "days": " ".join(map(str, rule.days)),
            "repeat_days": rule.repeat_days,
            "most": rule.most,
        }
        return cls(data=data).shaped(kind)


class StopForm(Form):
    """One switch a kind: as its rules say, or stopped for everybody at once. `stop_form` adds the switches."""

    def off(self) -> list[str]:
        return [kind for kind in shipped_rules() if self[kind].data == "off"]

    @classmethod
    def of(cls, stopped: Iterable[str]) -> "StopForm":
        return cls(data={kind: "off" if kind in stopped else "on" for kind in shipped_rules()})


def _numbers(text: str) -> tuple[int, ...] | None:
    """Whole numbers between spaces or commas; None where there is anything else."""
    parts = text.replace(",", " ").split()
    return tuple(int(part) for part in parts) if all(p.isascii() and p.isdigit() for p in parts) else None


def stop_form() -> type[StopForm]:
    options = choices([("on", "As the rules say"), ("off", "Stopped")])
    switches = {kind: SelectField(words(kind), choices=options) for kind in shipped_rules()}
    return type("StopForm", (StopForm,), switches)
