"""What a patient said about messages, as the desk notes it."""

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from clinic_scheduler.domain.messaging.consent import BY_STAFF
from clinic_scheduler.domain.messaging.kinds import CHANNELS, PURPOSES
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.base import Form, choices

EVERYTHING = "everything"


class WishForm(Form):
    purpose = SelectField(
        "Messages",
        choices=choices(
            [(EVERYTHING, "All of them"), *((code, words(f"purpose_{code}")) for code in PURPOSES)]
        ),
    )
    channel = SelectField("By", choices=choices((code, words(code)) for code in CHANNELS))
    given = RadioField(
        "They say",
        choices=choices([("yes", "Yes, send them"), ("no", "No, do not send them")]),
        validators=[InputRequired("Choose yes or no")],
    )
    how = SelectField("Said", choices=choices((code, words(f"how_{code}")) for code in BY_STAFF))

    def purposes(self) -> tuple[str, ...]:
        return PURPOSES if self.purpose.data == EVERYTHING else (self.purpose.data,)
