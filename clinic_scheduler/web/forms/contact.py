"""Logging a call, text or mail, and what staff decide after enough of them."""

from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from clinic_scheduler.web.forms.base import Form, choices, text_field
from clinic_scheduler.web.forms.patient_edit import date_field

# What a press says: (channel, outcome) -> the words on the button. Of a text or mail no more is known than that.
PRESSES = {
    ("phone", "no_answer"): "Called: no answer",
    ("phone", "left_message"): "Called: left a message",
    ("phone", "will_call_back"): "Called: will call back",
    ("phone", "declined"): "Called: declined",
    ("phone", "wants_to_book"): "Called: wants to book",
    ("text", "left_message"): "Texted",
    ("email", "left_message"): "E-mailed",
}
DECISION_WORDS = {"try_later": "Try again later", "keep_on_list": "Keep on the list"}
LONGEST_REST = 366


def _within_a_year(field: Any, today: date) -> None:
    if field.data and not 0 <= (field.data - today).days <= LONGEST_REST:
        raise ValidationError("Enter a day from today to a year from now")


class _Dated(Form):
    """Knows the clinic's day. `key` makes sending the page twice log once."""

    key = HiddenField(validators=[Length(max=64)])

    def __init__(self, today: date, **more: Any) -> None:
        self.today = today
        super().__init__(**more)

    def validate_hide_until(self, field: Any) -> None:
        _within_a_year(field, self.today)


class ContactForm(_Dated):
    hide_until = date_field(
        "Off the list until",
        description="The row comes back on that day unless the visit is booked; empty keeps it on the list",
    )
    note = text_field("Note", longest=500, description="Not needed")
    press = SelectField(
        "What came of it",
        choices=choices((":".join(press), words) for press, words in PRESSES.items()),
        validators=[InputRequired("Press what came of it")],
    )

    @property
    def channel(self) -> str:
        return str(self.press.data).partition(":")[0]

    @property
    def outcome(self) -> str:
        return str(self.press.data).partition(":")[2]


class DecisionForm(_Dated):
    hide_until = date_field("Try again on")
    decision = SelectField(
        "Decision", choices=choices(DECISION_WORDS.items()), validators=[AnyOf(list(DECISION_WORDS))]
    )

    def validate_decision(self, field: Any) -> None:
        day = self.hide_until.data
        if field.data == "try_later" and not (day and day > self.today):
            raise ValidationError("Enter a later day on which to try again")
