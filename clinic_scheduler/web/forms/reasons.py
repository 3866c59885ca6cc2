"""A reason of the clinic's list, and a provider's standing decision."""

from collections.abc import Mapping

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from clinic_scheduler.services.practice.override_reasons import LONGEST
from clinic_scheduler.web.forms.base import Form, GuardedForm, choices, stripped, text_field
from clinic_scheduler.web.forms.booking import NOTE_LENGTH
from clinic_scheduler.web.forms.patient_edit import date_field


class NewReasonForm(Form):
    text = text_field("Another reason to offer", required="Write the reason", longest=LONGEST)


class ReasonForm(GuardedForm):
    text = text_field("Words", required="Write the reason", longest=LONGEST)


class DecisionForm(Form):
    until = date_field("Through", "Enter the last day the decision holds")
    reason = RadioField("Reason", validators=[InputRequired("Choose a reason")])
    note = TextAreaField("In your own words", validators=[Length(max=NOTE_LENGTH)], filters=[stripped])

    def offer(self, reasons: Mapping[str, str]) -> None:
        self.reason.choices = choices(reasons.items())
