"""The words of a message as an administrator types them; what is wrong with them is judged by the page."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.messages import with_plain_line_ends
from clinic_scheduler.messages.gsm7 import spell_in_gsm7
from clinic_scheduler.web.forms.base import Form, text_field

# Far more than any message may have: what is longer is not read at all.
_MOST = Length(max=20_000, message="This is far too long for a message")


class WordingForm(Form):
    """`based_on` is when the words on the screen were last saved; empty for the shipped ones."""

    subject = StringField("Subject", validators=[_MOST])
    body = TextAreaField("Words", validators=[_MOST])
    based_on = HiddenField(validators=[Length(max=40)])
    sure = BooleanField("Save these words all the same")

    def wording(self, kind: str, channel: str, language: str) -> Wording:
        subject = (self.subject.data or "") if channel == "email" else None
        return with_plain_line_ends(Wording(kind, channel, language, subject, self.body.data or ""))

    def seen(self) -> datetime | None:
        """None also where the page was tampered with: saving then finds that the words have changed."""
        try:
            return datetime.fromisoformat(self.based_on.data or "")
        except ValueError:
            return None


class TextNameForm(Form):
    text_name = text_field(
        "Name that signs texts",
        longest=40,
        description="Choose one that names no specialty; empty: the clinic's name",
    )

    def validate_text_name(self, field: Any) -> None:
        if field.data and not any(char.isalnum() for char in spell_in_gsm7(field.data)):
            raise ValidationError("Write the name in Latin letters: texts have no others")
