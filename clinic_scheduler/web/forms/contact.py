"""Logging a call, text or mail."""

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from clinic_scheduler.services.contacts import CHANNELS, OUTCOMES
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.fields import Form, choices, text_field


class ContactForm(Form):
    channel = SelectField("How", choices=choices((code, words(code)) for code in CHANNELS))
    outcome = SelectField("What came of it", choices=choices((code, words(code)) for code in OUTCOMES))
    hide_days = IntegerField(
        "Off the list for this many days",
        default=3,
        description="The row comes back after that unless the visit is booked; 0 keeps it on the list",
        validators=[
            InputRequired("Enter a number of days, 0 to keep the row on the list"),
            NumberRange(0, 60, "Enter a number of days from 0 to 60"),
        ],
    )
    note = text_field("Note", longest=500)
