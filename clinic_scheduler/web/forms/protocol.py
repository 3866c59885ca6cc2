"""A protocol's values and their sources as they are typed."""

from typing import Any

from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import Length, ValidationError

from clinic_scheduler.domain.protocol_fields import (
    FIELDS,
    INTERVAL,
    OPTIONAL_INTERVAL,
    YEARS,
    Field,
    contradictions,
    overrides_of,
    shown,
    typed,
    unsourced,
)
from clinic_scheduler.domain.protocols import DEFAULT_PROTOCOLS, Protocol, protocol_with
from clinic_scheduler.web.forms.course_plan import interval_text
from clinic_scheduler.web.forms.fields import Form, choices, stripped, text_field

MOST_UNITS = 20_000
OPEN_COURSES = (("leave", "Leave them"), ("move", "Bring them along"))


class ProtocolForm(Form):
    """`version` is the edition that was on the screen; `open_courses` is asked on the preview alone."""

    version = HiddenField(validators=[Length(max=10)])
    open_courses = RadioField("Open courses", choices=choices(OPEN_COURSES), validate_choice=False)

    def rows(self) -> list[tuple[Field, Any, Any]]:
        """(field, its value's input, its source's input)."""
        return [(field, self[f"value_{field.name}"], self[f"source_{field.name}"]) for field in FIELDS]

    def draft(self, indication: str) -> dict[str, Any] | None:
        """The overrides that were typed; None where something is wrong, which the fields then say."""
        if not self.validate():
            return None
        values: dict[str, Any] = {}
        for field, value, _ in self.rows():
            try:
                values[field.name] = _read(field, value.data)
            except ValidationError as error:
                value.errors = [f"{field.label}: {error}"]
        if len(values) < len(FIELDS):
            return None
        sources = {field.name: source.data or "" for field, _, source in self.rows()}
        overrides = overrides_of(indication, values, sources)
        wrong = [(f"source_{name}", text) for name, text in unsourced(indication, overrides)]
        wrong += [
            (f"value_{name}", text) for name, text in contradictions(protocol_with(indication, overrides))
        ]
        for name, text in wrong:
            self[name].errors = [*self[name].errors, text]
        return None if wrong else overrides

    def based_on(self) -> int:
        """0 where the page was tampered with: no edition has that number."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0

    @classmethod
    def of(cls, version: Any) -> "ProtocolForm":
        """The edition as it is; the sources of defaults stay empty."""
        protocol = protocol_with(version.indication, version.overrides)
        data = {"version": str(version.version)}
        for field in FIELDS:
            data[f"value_{field.name}"] = typed(protocol, field.name)
            data[f"source_{field.name}"] = version.overrides.get(field.name, {}).get("source", "")
        return cls(formdata=None, data=data)


def default_of(indication: str, name: str) -> tuple[str, str]:
    """(the default as typed and in words, its source)."""
    default: Protocol = DEFAULT_PROTOCOLS[indication]
    text, spoken = typed(default, name), shown(default, name)
    return (f"{text}: {spoken}" if text.startswith("P") else spoken), default.sources[name]


def _read(field: Field, text: str | None) -> str | int | float | None:
    if field.kind in (INTERVAL, OPTIONAL_INTERVAL):
        interval = interval_text(text)
        if interval is None and field.kind == INTERVAL:
            raise ValidationError("enter an interval such as P84D or 12 weeks")
        return interval
    try:
        number = float(text or "")
    except ValueError:
        raise ValidationError("enter a number") from None
    if field.kind == YEARS and not (number.is_integer() and 0 <= number <= 120):
        raise ValidationError("enter whole years from 0 to 120")
    if not 0 <= number <= MOST_UNITS:
        raise ValidationError(f"enter a number from 0 to {MOST_UNITS}")
    return int(number) if number.is_integer() else number


for _field in FIELDS:
    _value = StringField(_field.label, validators=[Length(max=20)], filters=[stripped])
    setattr(ProtocolForm, f"value_{_field.name}", _value)
    setattr(ProtocolForm, f"source_{_field.name}", text_field(f"Source for {_field.label.lower()}"))
