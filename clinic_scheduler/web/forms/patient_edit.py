"""A patient's record as the desk types it, and the questions asked before something is said of a patient."""

from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from wtforms import DateField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from clinic_scheduler.domain.messaging.invitations import FEED, WAYS
from clinic_scheduler.domain.messaging.kinds import CHANNELS
from clinic_scheduler.importing.cells.phone_and_email import read_email, read_phone
from clinic_scheduler.importing.rows.cells_to_draft import read_mrn
from clinic_scheduler.languages import languages
from clinic_scheduler.services.patients.records import PatientEntry, entry_of
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.base import Form, Quantity, choices, in_reach, one_address, text_field
from clinic_scheduler.web.urls import key_in

REGION = "US"
# What a browser's date box sends, and what people type where there is none.
DATES = ["%Y-%m-%d", "%m/%d/%Y", "%d-%b-%Y"]


def date_field(label: str, required: str | None = None, **more: Any) -> DateField:
    """A date; `required` is what to say when it is missing."""
    return DateField(
        label,
        format=DATES,
        validators=[InputRequired(required) if required else Optional(), in_reach],
        **more,
    )


class PatientForm(Form):
    """`version` says which state of the record was on the screen; `seen` which likely matches were."""

    family_name = text_field("Family name", required="Enter the family name")
    given_name = text_field("Given name", required="Enter the given name")
    birth_date = date_field("Date of birth", "Enter the date of birth, such as 03/14/1978")
    mrn = text_field("MRN", required="Enter the MRN", longest=40)
    phone = text_field("Phone", description="Such as (206) 555-0123")
    email = text_field("E-mail address")
    preferred_channel = SelectField("Reminders by", choices=choices((code, words(code)) for code in CHANNELS))
    fallback_channel = SelectField(
        "If that fails, by",
        choices=choices([("", "Nothing else"), *((code, words(code)) for code in CHANNELS)]),
        default="",
    )
    language = SelectField("Messages in", choices=lambda: choices(languages().items()), default="en")
    zone = text_field("Time zone, if not the clinic’s", description="Such as America/Denver")
    calendar_by = SelectField(
        "Calendar entries",
        choices=choices(WAYS.items()),
        default=FEED,
        description="Invitations need an e-mail address, and go out for visits booked already. "
        "With both, visits may show twice.",
    )
    weight_kg = Quantity(
        "Weight in kg",
        decimals=1,
        validators=[Optional(), NumberRange(1, 500, "Weight in kg lies between 1 and 500")],
    )
    weighed_on = date_field("Weighed on", description="Today, if left empty")
    version = HiddenField(validators=[Length(max=40)])
    seen = HiddenField(validators=[Length(max=2000)])

    def validate_mrn(self, field: Any) -> None:
        try:
            field.data = read_mrn(field.data)
        except ValueError:
            raise ValidationError("Enter the MRN with letters and digits, such as A-100") from None

    def validate_phone(self, field: Any) -> None:
        if field.data and read_phone(field.data, REGION) is None:
            raise ValidationError("Enter a phone number that exists, such as (206) 555-0123")

    def validate_email(self, field: Any) -> None:
        if field.data:
            one_address(self, field)

    def validate_fallback_channel(self, field: Any) -> None:
        if field.data == self.preferred_channel.data:
            raise ValidationError("Choose another way than the first, or nothing else")

    def validate_zone(self, field: Any) -> None:
        if field.data and field.data not in available_timezones():
            raise ValidationError("Enter an IANA time zone, such as America/Denver, or leave it empty")

    def validate_birth_date(self, field: Any) -> None:
        if field.data and field.data.year < 1900:
            raise ValidationError("Enter the date of birth with its full year, such as 03/14/1978")

    def entry(self, today: date) -> PatientEntry:
        """What was typed, in the forms in which it is kept."""
        weight = self.weight_kg.data
        return PatientEntry(
            mrn=self.mrn.data,
            family_name=self.family_name.data,
            given_name=self.given_name.data,
            birth_date=self.birth_date.data,
            phone=read_phone(self.phone.data, REGION) if self.phone.data else None,
            email=read_email(self.email.data) if self.email.data else None,
            weight_kg=None if weight is None else round(weight, 1),
            weighed_on=None if weight is None else self.weighed_on.data or today,
            preferred_channel=self.preferred_channel.data,
            fallback_channel=self.fallback_channel.data or None,
            language=self.language.data,
            zone=self.zone.data or None,
            calendar_by=self.calendar_by.data,
        )

    @classmethod
    def of(cls, patient: Any) -> "PatientForm":
        """The record as it is now."""
        return cls(obj=entry_of(patient), version=patient.updated_at.isoformat())

    def expected(self) -> datetime | None:
        """When the record on the screen was last saved; None where the page was tampered with."""
        try:
            expected = datetime.fromisoformat(self.version.data or "")
        except ValueError:
            return None
        return expected if expected.tzinfo else None

    def seen_ids(self) -> set[int]:
        return set(filter(None, map(key_in, (self.seen.data or "").split(","))))


class OnDayForm(Form):
    """Since when."""

    on = date_field("Date", "Enter the date")
