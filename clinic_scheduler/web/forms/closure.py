"""Days to close: from, through, for whom and why."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from clinic_scheduler.web.forms.base import Form, choices, in_reach, stripped
from clinic_scheduler.web.urls import key_of

LONGEST = timedelta(366)


class ClosureForm(Form):
    """`provider` 0 is the whole clinic; without a last day it is one day."""

    starts_on = DateField(
        "First day", validators=[InputRequired("Enter the first day, such as 2026-12-24"), in_reach]
    )
    ends_on = DateField("Last day", validators=[Optional(), in_reach], description="Leave empty for one day")
    provider = SelectField("Who is away", coerce=key_of)
    reason = StringField(
        "Reason",
        filters=[stripped],
        validators=[
            DataRequired("Enter a reason, such as Thanksgiving or leave"),
            Length(max=60, message="Reason may have at most 60 characters"),
        ],
        description="Shown in the schedule. Nothing about anybody's health",
    )

    @classmethod
    def with_providers(cls, providers: Sequence[Any]) -> "ClosureForm":
        form = cls()
        names = ((provider.id, provider.name) for provider in providers)
        form.provider.choices = choices([(0, "The whole clinic"), *names])
        return form

    @property
    def last_day(self) -> date:
        last: date = self.ends_on.data or self.starts_on.data
        return last

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data:
            if field.data < self.starts_on.data:
                raise ValidationError("The last day is before the first")
            if field.data - self.starts_on.data > LONGEST:
                raise ValidationError("That is more than a year. Check the year")
