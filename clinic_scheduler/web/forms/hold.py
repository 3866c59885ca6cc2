"""Putting a patient on hold, for everything or for one treatment; asking a provider to end a hold."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectField
from wtforms.validators import DataRequired, ValidationError

from clinic_scheduler.domain.patients.holds import HoldReason
from clinic_scheduler.services.patients.holds import NOTE_LENGTH, HoldEntry
from clinic_scheduler.web.forms.base import Form, choices, text_field
from clinic_scheduler.web.forms.course_plan import not_before
from clinic_scheduler.web.forms.patient_edit import date_field


class HoldForm(Form):
    """No reason is chosen beforehand."""

    reason = SelectField("Reason", validators=[DataRequired("Choose the reason for the hold")])
    starts_on = date_field("First day", "Enter the first day of the hold")
    ends_on = date_field("Last day", description="Until further notice, if left empty")
    note = text_field("Note", longest=NOTE_LENGTH, description="Needed where the reason is Other")

    def validate_ends_on(self, field: Any) -> None:
        not_before(field, self.starts_on)

    def validate_note(self, field: Any) -> None:
        if self.reason.data == HoldReason.OTHER and not field.data:
            raise ValidationError("Say in a few words why")

    def offer(self, reasons: Iterable[HoldReason]) -> None:
        known = [(str(reason), reason.label) for reason in reasons]
        self.reason.choices = choices([("", "Choose a reason"), *known])

    def entry(self, patient_id: int, indication: str | None) -> HoldEntry:
        return HoldEntry(
            patient_id,
            indication,
            self.starts_on.data,
            self.ends_on.data,
            self.reason.data,
            self.note.data or None,
        )


class AskReleaseForm(Form):
    note = text_field("Note", longest=NOTE_LENGTH, description="What speaks for ending it, if you know")
