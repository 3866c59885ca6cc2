"""Figures and their sources as they are typed: of a protocol, of a product's caps, of a label."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import Length, ValidationError

from clinic_scheduler.domain.protocols import labels, products, protocol
from clinic_scheduler.domain.protocols.figures import (
    Field,
    Overrides,
    Record,
    edited,
    overrides_of,
    shown,
    typed,
    unsourced,
)
from clinic_scheduler.domain.protocols.labels import LABEL_FIELDS
from clinic_scheduler.domain.protocols.products import PRODUCT_FIELDS
from clinic_scheduler.domain.protocols.protocol import PROTOCOL_FIELDS
from clinic_scheduler.web.forms.base import Form, choices, stripped, text_field
from clinic_scheduler.web.forms.course_plan import interval_text

MOST_UNITS = 20_000
OPEN_COURSES = (("leave", "Leave them"), ("move", "Bring them along"))


class FiguresForm(Form):
    """`version` is the edition that was on the screen, 0 where there is none yet.

    Each kind of record has a form of its own: its fields, and what of a draft contradicts itself.
    """

    figures: ClassVar[Sequence[Field]] = ()

    @staticmethod
    def contradictions(draft: Any) -> Iterator[tuple[str, str]]:
        """(field, sentence) of values that cannot both be meant."""
        raise NotImplementedError

    version = HiddenField(validators=[Length(max=10)])

    def rows(self) -> list[tuple[Field, Any, Any]]:
        """(field, its value's input, its source's input)."""
        return [(field, self[f"value_{field.name}"], self[f"source_{field.name}"]) for field in self.figures]

    def draft(self, default: Record, current: Overrides) -> dict[str, Any] | None:
        """What was typed, as overrides of `default`; None where something is wrong, which the fields then say.

        `current` is the newest edition's: what it has may stay as it is.
        """
        if not self.validate():
            return None
        kept = edited(default, self.figures, current)
        values: dict[str, Any] = {}
        for field, value, _ in self.rows():
            try:
                values[field.name] = _read(field, value.data, typed(getattr(kept, field.name)))
            except ValidationError as error:
                value.errors = [f"{field.label}: {error}"]
        if len(values) < len(self.figures):
            return None
        sources = {field.name: source.data or "" for field, _, source in self.rows()}
        overrides = overrides_of(default, self.figures, values, sources)
        wrong = [(f"source_{name}", text) for name, text in unsourced(default, self.figures, overrides)]
        contradicting = self.contradictions(edited(default, self.figures, overrides))
        wrong += [(f"value_{name}", text) for name, text in contradicting]
        for name, text in wrong:
            self[name].errors = [*self[name].errors, text]
        return None if wrong else overrides

    def based_on(self) -> int:
        """-1 where the page was tampered with: no edition has that number."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else -1

    @classmethod
    def of(cls, default: Record, overrides: Overrides, version: int) -> Any:
        """The edition as it is; the sources of defaults stay empty."""
        record = edited(default, cls.figures, overrides)
        data = {"version": str(version)}
        for field in cls.figures:
            data[f"value_{field.name}"] = typed(getattr(record, field.name))
            data[f"source_{field.name}"] = overrides.get(field.name, {}).get("source", "")
        return cls(formdata=None, data=data)

    @classmethod
    def defaults(cls, default: Record) -> Mapping[str, tuple[str, str]]:
        """By field: the default as typed and in words, its source."""
        found = {}
        for field in cls.figures:
            value = getattr(default, field.name)
            text, spoken = typed(value), shown(value, field.kind)
            found[field.name] = (
                f"{text}: {spoken}" if text.startswith("P") else spoken,
                default.sources[field.name],
            )
        return found


class ProtocolForm(FiguresForm):
    """`open_courses` is asked on the preview alone."""

    figures = PROTOCOL_FIELDS

    @staticmethod
    def contradictions(draft: Any) -> Iterator[tuple[str, str]]:
        return protocol.contradictions(draft)

    open_courses = RadioField("Open courses", choices=choices(OPEN_COURSES), validate_choice=False)


class ProductForm(FiguresForm):
    figures = PRODUCT_FIELDS

    @staticmethod
    def contradictions(draft: Any) -> Iterator[tuple[str, str]]:
        return products.contradictions(draft)


class LabelForm(FiguresForm):
    figures = LABEL_FIELDS

    @staticmethod
    def contradictions(draft: Any) -> Iterator[tuple[str, str]]:
        return labels.contradictions(draft)


def _read(field: Field, text: str | None, kept: str) -> str | int | float | None:
    if field.kind.is_interval:
        interval = interval_text(text, kept)
        if interval is None and not field.kind.is_optional:
            raise ValidationError("enter an interval such as P84D or 12 weeks")
        return interval
    if not text and field.kind.is_optional:
        return None
    try:
        number = float(text or "")
    except ValueError:
        raise ValidationError("enter a number") from None
    if field.kind.is_years and not (number.is_integer() and 0 <= number <= 120):
        raise ValidationError("enter whole years from 0 to 120")
    if not 0 <= number <= MOST_UNITS:
        raise ValidationError(f"enter a number from 0 to {MOST_UNITS}")
    return int(number) if number.is_integer() else number


def _add_inputs(form: type[FiguresForm]) -> None:
    for field in form.figures:
        value = StringField(field.label, validators=[Length(max=20)], filters=[stripped])
        setattr(form, f"value_{field.name}", value)
        setattr(form, f"source_{field.name}", text_field(f"Source for {field.label.lower()}"))


for _form in (ProtocolForm, ProductForm, LabelForm):
    _add_inputs(_form)
