"""Opening a course, its plan, authorizations and its end."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional, ValidationError

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import parse_interval, single_interval
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.services.courses.courses import CourseEntry, CoursePlan
from clinic_scheduler.web.formats import words
from clinic_scheduler.web.forms.base import Form, Quantity, choices, text_field
from clinic_scheduler.web.forms.patient_edit import date_field
from clinic_scheduler.web.urls import key_of

MOST_UNITS = 20_000
_SPOKEN = re.compile(r"(\d{1,4})\s*(d|w|m|y)(?:ays?|eeks?|onths?|ears?)?", re.IGNORECASE)
NOBODY = 0


def interval_text(typed: str | None, kept: str | None = None) -> str | None:
    """ "12 weeks", "84 days", "3 months" or ISO 8601, as ISO 8601. Raises ValidationError.

    A sum such as P1M7D is no figure to enter, but one that was `kept` before that was asked for stays.
    """
    if not typed:
        return None
    spoken = _SPOKEN.fullmatch(typed.strip())
    text = f"P{spoken[1]}{spoken[2].upper()}" if spoken else typed.strip().upper()
    try:
        interval = parse_interval(text)
    except InvalidInput:
        raise ValidationError("Enter an interval such as 12 weeks, 84 days or 3 months") from None
    if not interval.months and not interval.exact:
        raise ValidationError("An interval is at least a day")
    if text != kept:
        _require_one_part(text)
    return text


def _require_one_part(text: str) -> None:
    try:
        single_interval(text)
    except InvalidInput:
        raise ValidationError(
            "An interval has one part: enter weeks, days or months alone, such as 12 weeks or 84 days"
        ) from None


class PlanForm(Form):
    # The course whose plan it is; none for one that is not open yet.
    _course: Any = None

    provider = SelectField("Provider", coerce=key_of)
    planned_units = Quantity(
        "Planned units",
        description="The protocol's usual dose, if left empty",
        validators=[Optional(), NumberRange(1, MOST_UNITS, f"Units lie between 1 and {MOST_UNITS}")],
    )
    personal_interval = text_field(
        "Interval for this patient", longest=20, description="Such as 12 weeks; the protocol's, if left empty"
    )
    payer_minimum_interval = text_field(
        "Payer's shortest interval", longest=20, description="Such as 84 days; none, if left empty"
    )
    authorization_required = SelectField(
        "Authorization needed", choices=choices([("", "No"), ("yes", "Yes")])
    )

    def validate_personal_interval(self, field: Any) -> None:
        self._interval(field)

    def validate_payer_minimum_interval(self, field: Any) -> None:
        self._interval(field)

    def _interval(self, field: Any) -> str | None:
        return interval_text(field.data, getattr(self._course, field.name, None))

    def of(self, course: Any) -> None:
        self._course = course

    def offer(self, providers: Sequence[Any]) -> None:
        known = [(provider.id, provider.name) for provider in providers]
        self.provider.choices = choices([(NOBODY, "Not decided"), *known])

    def plan(self) -> CoursePlan:
        return CoursePlan(
            provider_id=self.provider.data or None,
            planned_units=self.planned_units.data,
            personal_interval=self._interval(self.personal_interval),
            payer_minimum_interval=self._interval(self.payer_minimum_interval),
            authorization_required=bool(self.authorization_required.data),
        )


class NewCourseForm(PlanForm):
    indication = SelectField("Indication")
    product = SelectField("Product", choices=choices((name, each.title) for name, each in PRODUCTS.items()))
    started_on = date_field("Start", "Enter the day on which treatment is to start")
    join = BooleanField("Those of this product, for this or nobody knows what, join the course", default=True)

    def offer_indications(self, codes: Sequence[str]) -> None:
        """What the clinic treats."""
        self.indication.choices = choices((code, words(code)) for code in codes)

    def entry(self, patient_id: int) -> CourseEntry:
        plan = self.plan()
        return CourseEntry(
            patient_id=patient_id,
            indication=self.indication.data,
            product=self.product.data,
            started_on=self.started_on.data,
            **{name: getattr(plan, name) for name in CoursePlan.__slots__},
        )


class AuthorizationForm(Form):
    number = text_field("Number")
    starts_on = date_field("First day", "Enter the first day it covers")
    ends_on = date_field("Last day", "Enter the last day it covers")
    visits_left = IntegerField(
        "Visits left",
        description="No limit, if left empty",
        validators=[Optional(), NumberRange(0, 1000, "Visits lie between 0 and 1000")],
    )
    units_left = Quantity(
        "Units left",
        description="No limit, if left empty",
        validators=[Optional(), NumberRange(0, MOST_UNITS, f"Units lie between 0 and {MOST_UNITS}")],
    )

    def validate_ends_on(self, field: Any) -> None:
        not_before(field, self.starts_on)


class StopForm(Form):
    stopped_on = date_field("Stopped on", "Enter the day on which the course was stopped")
    reason = text_field("Reason", required="Enter the reason")


def not_before(last: Any, first: Any) -> None:
    if last.data and first.data and last.data < first.data:
        raise ValidationError("The last day cannot be before the first")
