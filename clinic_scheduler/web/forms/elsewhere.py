"""Toxin given elsewhere, as far as anybody knows; taking it out again."""

from datetime import date
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from clinic_scheduler.domain.day_names import MONTHS
from clinic_scheduler.domain.forecast.elsewhere import VOID_REASONS_ELSEWHERE, KnownFrom, RoughDay
from clinic_scheduler.domain.protocols.indications import INDICATIONS, OTHER
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.services.courses.elsewhere import ElsewhereEntry
from clinic_scheduler.web.formats import NOT_KNOWN, product
from clinic_scheduler.web.forms.base import Form, choices, stripped, text_field
from clinic_scheduler.web.forms.treatment import units_field

# Nobody types an import; it says so itself.
_SOURCES = [source for source in KnownFrom if source is not KnownFrom.IMPORT]
_MONTHS = [(str(n), name) for n, name in enumerate(MONTHS, start=1)]


class _Number(IntegerField):  # type: ignore[misc]
    """Digits; what is none is said in words that help."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValueError(f"Enter the {self.label.text.lower()} in digits") from None


class ElsewhereForm(Form):
    """What is left empty is unknown; only the year and how it is known are asked for."""

    day = _Number(
        "Day", validators=[Optional(), NumberRange(1, 31, "A day lies between 1 and 31")], default=None
    )
    month = SelectField("Month", choices=choices([("", NOT_KNOWN), *_MONTHS]), default="")
    year = _Number("Year", validators=[InputRequired("Enter the year, even if nothing more is known")])
    product = SelectField(
        "Product",
        choices=choices([("", NOT_KNOWN), *((name, product(name)) for name in PRODUCTS)]),
        default="",
    )
    units = units_field("Units", description="Leave it empty if nobody knows")
    indication = SelectField(
        "What for",
        choices=choices(
            [
                ("", NOT_KNOWN),
                *((code, each.words) for code, each in INDICATIONS.items()),
                (OTHER, "Something else, such as cosmetic"),
            ]
        ),
        default="",
    )
    given_at = text_field("Where", description="The clinic or town, as far as known")
    known_from = SelectField(
        "How it is known",
        validators=[DataRequired("Choose how it is known")],
        choices=choices([("", "Choose one"), *((str(source), source.label) for source in _SOURCES)]),
        default="",
    )
    notes = TextAreaField("Notes", validators=[Length(max=2000)], filters=[stripped])
    key = HiddenField(validators=[InputRequired(), Length(max=64)])

    def validate_units(self, field: Any) -> None:
        if field.data == 0:
            raise ValidationError(
                "Leave the units empty if nobody knows them; 0 would mean that nothing was given"
            )

    def entry(self, patient_id: int, today: date) -> ElsewhereEntry:
        """Raises InvalidInput for a day that cannot be."""
        when = RoughDay(self.year.data, int(self.month.data) if self.month.data else None, self.day.data)
        return ElsewhereEntry(
            patient_id=patient_id,
            given_on=when.last_possible(today),
            is_approximate=when.is_approximate,
            known_from=self.known_from.data,
            fingerprint=f"form:{self.key.data}",
            units=self.units.data,
            product=self.product.data or None,
            indication=self.indication.data or None,
            given_at=self.given_at.data or None,
            notes=self.notes.data or None,
        )


class VoidElsewhereForm(Form):
    reason = SelectField(
        "Why",
        validators=[DataRequired("Choose why it is taken out")],
        choices=choices([("", "Choose a reason"), *VOID_REASONS_ELSEWHERE.items()]),
    )
