"""What was injected, and from which vials; voiding it, and accepting one that was given too soon."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from wtforms import DateField, FieldList, FormField, HiddenField, SelectField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from clinic_scheduler.domain.forecast.json_contract import KINDS, OUTCOMES
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.domain.visits.seen import seen_in
from clinic_scheduler.domain.visits.treatment_checks import ACCEPT_REASONS, VOID_REASONS
from clinic_scheduler.services.treatments.treatments import TreatmentEntry, VialEntry
from clinic_scheduler.web.formats import product, words
from clinic_scheduler.web.forms.base import Form, OneLines, Quantity, choices, in_reach, stripped, text_field
from clinic_scheduler.web.forms.patient_edit import date_field
from clinic_scheduler.web.urls import key_of

MOST_UNITS = 20_000
MOST_VIALS = 8
_IN_RANGE = NumberRange(0, MOST_UNITS, f"Units lie between 0 and {MOST_UNITS}")


def units_field(label: str, **more: Any) -> Quantity:
    return Quantity(label, validators=[Optional(), _IN_RANGE], **more)


class VialForm(OneLines, PlainForm):  # type: ignore[misc]
    """One row; left empty, there was no such vial."""

    lot = text_field("Lot number", longest=40)
    expires_on = date_field("Lot expires")
    units = units_field("Units injected")
    units_wasted = units_field("Units wasted")

    @property
    def is_empty(self) -> bool:
        return not any(field.raw_data and field.raw_data[0].strip() for field in self)

    def validate_lot(self, field: Any) -> None:
        if not field.data and not self.is_empty:
            raise ValidationError("Enter the vial's lot number")


class TreatmentForm(Form):
    """`seen` holds the marks of the soft stops that were on the screen."""

    given_on = DateField("Date given", validators=[InputRequired("Enter the date it was given"), in_reach])
    provider = SelectField("Provider", coerce=key_of)
    product = SelectField("Product", choices=choices((name, product(name)) for name in PRODUCTS))
    units = units_field("Units injected", description="0 if nothing was given; the vials' sum, if left empty")
    units_wasted = units_field("Units wasted", description="The vials' sum, if left empty")
    vials = FieldList(FormField(VialForm), min_entries=MOST_VIALS, max_entries=MOST_VIALS)
    outcome = SelectField("Outcome", choices=choices((code, words(code)) for code in OUTCOMES))
    kind = SelectField("Kind", choices=choices((code, words(code)) for code in KINDS))
    sites = text_field(
        "Sites", longest=500, description="Such as the muscles and units each, if you note them here"
    )
    notes = TextAreaField("Notes", validators=[Length(max=2000)], filters=[stripped])
    accept_reason = SelectField(
        "Why the early date is accepted",
        default="",
        choices=choices([("", "Choose a reason"), *((code, text) for code, text in ACCEPT_REASONS.items())]),
    )
    seen = HiddenField(validators=[Length(max=2000)])
    key = HiddenField(validators=[InputRequired(), Length(max=64)])

    def used(self) -> list[Any]:
        """The vials that were filled in."""
        return [row.form for row in self.vials if not row.form.is_empty]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also the totals, which an empty field's own validators would never reach."""
        sound: bool = super().validate(extra_validators)
        wrong = list(self._wrong_totals()) if sound else []
        for field, message in wrong:
            field.errors = [*field.errors, message]
        return sound and not wrong

    def _wrong_totals(self) -> Iterator[tuple[Any, str]]:
        """Totals are the vials' sums. One vial alone may leave its units to them; of several, each says its own."""
        rows = self.used()
        if self.units.data is None and not any(row.units.data is not None for row in rows):
            yield self.units, "Enter the units injected, 0 if none"
        if len(rows) > 1:
            for row in rows:
                if row.units.data is None:
                    yield row.units, "Enter the units injected from this vial"
        for name, what in (("units", "injected"), ("units_wasted", "wasted")):
            total = self[name].data
            known = [row[name].data for row in rows if row[name].data is not None]
            if total is not None and known and _sum(known) != total:
                yield (
                    self[name],
                    f"The vials add up to {_sum(known):g} U {what}, but the total says {total:g} U; "
                    "mend one of them, or leave the total empty",
                )

    def entry(self, course_id: int) -> TreatmentEntry:
        rows = self.used()
        units, wasted = self.units.data, self.units_wasted.data
        if units is None:
            units = _sum(row.units.data for row in rows)
        if wasted is None and any(row.units_wasted.data is not None for row in rows):
            wasted = _sum(row.units_wasted.data for row in rows)
        return TreatmentEntry(
            course_id=course_id,
            given_on=self.given_on.data,
            units=units,
            product=self.product.data,
            fingerprint=f"form:{self.key.data}",
            provider_id=self.provider.data,
            units_wasted=wasted,
            outcome=self.outcome.data,
            kind=self.kind.data,
            notes=self.notes.data or None,
            sites=self.sites.data or None,
            vials=tuple(_vial(row, rows, units, wasted) for row in rows),
            seen=seen_in(self.seen.data),
        )

    def problems(self) -> list[tuple[str, str]]:
        """(field id, message) of everything wrong, the vials' fields among them."""
        own = [field for field in self if field.name not in ("csrf_token", "vials")]
        rows = [field for row in self.vials for field in row.form]
        return [(field.id, str(text)) for field in (*own, *rows) for text in field.errors]


class VoidForm(Form):
    reason = SelectField("Why", choices=choices([("", "Choose a reason"), *VOID_REASONS.items()]))

    def validate_reason(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose why it is taken out")


class AcceptForm(Form):
    reason = SelectField(
        "Why it is accepted", choices=choices([("", "Choose a reason"), *ACCEPT_REASONS.items()])
    )

    def validate_reason(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose why the early date is accepted")


def _vial(row: Any, rows: Sequence[Any], units: Decimal, wasted: Decimal | None) -> VialEntry:
    """A single vial without units of its own was used for all that was given."""
    alone = len(rows) == 1
    return VialEntry(
        lot=row.lot.data,
        units=units if alone and row.units.data is None else row.units.data,
        units_wasted=wasted if alone and row.units_wasted.data is None else row.units_wasted.data,
        expires_on=row.expires_on.data,
    )


def _sum(parts: Any) -> Decimal:
    return sum((part for part in parts if part is not None), Decimal(0))
