"""A provider's calendar from elsewhere: by its address, or as a file."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import ValidationError

from clinic_scheduler.domain.calendars.remote_url import LONGEST, read_address
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.web.forms.base import Form, text_field

_NAME = "Enter a name, such as Hospital rota"


class AddressForm(Form):
    """Fields are prefixed, since the page holds another form with a name."""

    name = text_field("Name", required=_NAME)
    url = text_field(
        "Address",
        required="Enter the calendar's address",
        longest=LONGEST,
        description="Begins with https:// or webcal:// and mostly ends in .ics. Kept secret: only its host is shown",
    )

    def validate_url(self, field: Any) -> None:
        try:
            read_address(field.data or "")
        except InvalidInput as error:
            raise ValidationError(str(error)[:1].upper() + str(error)[1:]) from None


class FileForm(Form):
    name = text_field("Name", required=_NAME, description="The name of a file in the list replaces that file")
    file = FileField(
        "Calendar file",
        description="An .ics file of at most 5 MB",
        validators=[FileRequired("Choose the calendar file")],
    )


def empty_forms() -> dict[str, Any]:
    """Both, for a page that nobody sent one from."""
    return {
        "address_form": AddressForm(formdata=None, prefix="from-"),
        "file_form": FileForm(formdata=None, prefix="of-"),
    }
