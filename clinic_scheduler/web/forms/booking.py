"""A time for a visit, and why one is called off."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, HiddenField, SelectField, TimeField
from wtforms.validators import InputRequired, Length

from clinic_scheduler.domain.booking import CANCEL_REASONS, OVERRIDE_REASONS, REASONS_THAT_FOLLOW
from clinic_scheduler.web.forms.fields import Form, choices


class TimeForm(Form):
    """Book or move: provider, local day and time. `key` makes sending the page twice book once."""

    provider = SelectField("Provider", coerce=int)
    day = DateField("Date", validators=[InputRequired("Enter a date, such as 2026-11-24")])
    at = TimeField("Time", validators=[InputRequired("Enter a time, such as 10:30")])
    override = SelectField(
        "Reason to book before the earliest date, or over the cap",
        choices=choices([("", "No override"), *OVERRIDE_REASONS.items()]),
        default="",
    )
    key = HiddenField(validators=[Length(max=64)])

    @classmethod
    def with_providers(cls, providers: Sequence[Any], **values: Any) -> "TimeForm":
        form = cls(**values)
        form.provider.choices = choices((provider.id, provider.name) for provider in providers)
        return form


class SlotForm(Form):
    """A free time of the schedule's table, as its link or button carries it."""

    slot = HiddenField()
    key = HiddenField()


class MoveForm(SlotForm):
    override = SelectField(
        "Reason to move before the earliest date, or over the cap",
        choices=choices([("", "No override"), *OVERRIDE_REASONS.items()]),
        default="",
    )


class CancelForm(Form):
    reason = SelectField(
        "Reason",
        choices=choices(pair for pair in CANCEL_REASONS.items() if pair[0] not in REASONS_THAT_FOLLOW),
    )
