"""The settings pages' forms but for a protocol's and a reminder rule's, which have files of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.kinds_and_states import OTHER_KINDS
from clinic_scheduler.domain.visits.working_hours import read_stretches, written
from clinic_scheduler.services.practice.clinics import LONGEST_VISIT, SHORTEST_VISIT
from clinic_scheduler.services.practice.providers import Hours, ProviderEntry
from clinic_scheduler.services.practice.staff import ROLES
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.base import Form, GuardedForm, choices, one_address, stripped, text_field
from clinic_scheduler.web.forms.patient_edit import date_field
from clinic_scheduler.web.urls import key_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOBODY = 0
_VISIT = NumberRange(
    SHORTEST_VISIT, LONGEST_VISIT, f"A visit takes {SHORTEST_VISIT} to {LONGEST_VISIT} minutes"
)


class NewClinicForm(Form):
    """What a clinic cannot be without."""

    name = text_field("Clinic's name", required="Enter the clinic's name")
    zone = text_field(
        "Time zone",
        required="Enter the time zone",
        longest=40,
        description="IANA name, such as America/New_York",
    )
    phone = text_field("Phone", required="Enter the phone number patients are told to call", longest=40)
    email = text_field("E-mail address", required="Enter the address patients' answers go to")
    address = TextAreaField("Postal address", validators=[Length(max=500)], filters=[stripped])

    def validate_zone(self, field: Any) -> None:
        if field.data not in available_timezones():
            raise ValidationError("Enter an IANA time zone, such as America/New_York or America/Chicago")

    def validate_email(self, field: Any) -> None:
        one_address(self, field)


class ClinicForm(NewClinicForm, GuardedForm):
    digest_email = text_field(
        "Mail to staff goes to",
        description="Each morning what waits, and alarms; empty: the clinic's address",
    )
    contact_attempts_limit = IntegerField(
        "Tries to reach a patient",
        description="After so many, staff decide",
        validators=[InputRequired("Enter a number"), NumberRange(1, 20, "Tries lie between 1 and 20")],
    )
    contact_rest_days = IntegerField(
        "Days between tries",
        description="The row rests on the due list meanwhile",
        validators=[InputRequired("Enter a number"), NumberRange(1, 60, "Days lie between 1 and 60")],
    )

    def validate_digest_email(self, field: Any) -> None:
        if field.data:
            one_address(self, field)

    def texts(self) -> dict[str, str]:
        return {name: self[name].data for name in ("name", "zone", "phone", "email")}


class OpenClinicForm(NewClinicForm):
    """A clinic, and who will run it if not the opener alone."""

    admin_name = text_field("Name")
    admin_email = text_field("Signs in with (e-mail)")

    def validate_admin_name(self, field: Any) -> None:
        if self.admin_email.data and not field.data:
            raise ValidationError("Enter the administrator's name")

    def validate_admin_email(self, field: Any) -> None:
        if self.admin_name.data or field.data:
            one_address(self, field)


class ProviderForm(GuardedForm):
    name = text_field("Name", required="Enter the provider's name")
    email = text_field("E-mail address")
    visit_minutes = IntegerField(
        "Minutes a visit takes", validators=[InputRequired("Enter how long a visit takes"), _VISIT]
    )
    bookings = SelectField("Takes bookings", choices=choices([("yes", "Yes"), ("", "No, inactive")]))

    def validate_email(self, field: Any) -> None:
        if field.data:
            one_address(self, field)

    def entry(self) -> ProviderEntry:
        return ProviderEntry(
            name=self.name.data,
            email=self.email.data or None,
            visit_minutes=self.visit_minutes.data,
            hours=tuple(self._hours()),
            is_active=self.bookings.data == "yes",
        )

    def days(self) -> list[Any]:
        return [self[f"day_{weekday}"] for weekday in range(7)]

    def _hours(self) -> list[Hours]:
        return [
            (weekday, start, end)
            for weekday, field in enumerate(self.days())
            for start, end in read_stretches(field.data or "")
        ]

    @classmethod
    def of(cls, provider: Any, week: Mapping[int, Sequence[Any]]) -> "ProviderForm":
        """As stored, whatever the request carries."""
        return cls(
            formdata=None,
            obj=provider,
            bookings="yes" if provider.is_active else "",
            **{f"day_{weekday}": written(stretches) for weekday, stretches in week.items()},
        )


def _readable(_form: Any, field: Any) -> None:
    try:
        field.data = written(read_stretches(field.data or ""))
    except InvalidInput as error:
        raise ValidationError(f"{field.label.text}: {error}") from None


for _weekday, _name in enumerate(DAYS):
    _field = text_field(_name, longest=200)
    _field.kwargs["validators"].append(_readable)
    setattr(ProviderForm, f"day_{_weekday}", _field)


class LengthsForm(GuardedForm):
    """Minutes of injections by indication, of other visits by kind."""

    def lengths(self) -> dict[str, int | None]:
        return {field.name: field.data for field in self if isinstance(field, IntegerField)}


def lengths_form(indications: Sequence[str]) -> type[LengthsForm]:
    """The form of a clinic that offers these."""
    fields = {
        name: IntegerField(words(name), validators=[Optional(), _VISIT])
        for name in (*indications, *OTHER_KINDS)
    }
    return type("LengthsForm", (LengthsForm,), fields)


class StaffForm(Form):
    name = text_field("Name", required="Enter the person's name")
    role = RadioField("Role", choices=choices(ROLES.items()), default="front_desk")
    provider = SelectField("Is the provider", coerce=key_of, description="For somebody who treats")

    clinics = SelectMultipleField("Works in", coerce=key_of)

    def offer(self, providers: Sequence[Any], clinics: Sequence[Any] = ()) -> None:
        """What there is to choose from; of one clinic alone there is no choice."""
        known = [(provider.id, provider.name) for provider in providers]
        self.provider.choices = choices([(NOBODY, "Nobody"), *known])
        if len(clinics) > 1:
            self.clinics.choices = choices((clinic.id, clinic.name) for clinic in clinics)
        else:
            del self.clinics


class NewStaffForm(StaffForm):
    email = text_field("Signs in with (e-mail)", required="Enter the person's e-mail address")

    def validate_email(self, field: Any) -> None:
        one_address(self, field)


class AuditForm(Form):
    """Read from the address, so without a token."""

    class Meta:
        csrf = False

    person = SelectField("Who", coerce=key_of, validate_choice=False, default=NOBODY)
    first = date_field("From")
    last = date_field("Through")

    def validate_first(self, field: Any) -> None:
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError("Enter a day with its full year, such as 11/23/2026")

    def validate_last(self, field: Any) -> None:
        self.validate_first(field)
