"""The shared base of all forms: text loses its outer space, and is kept to what its column holds."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DecimalField, HiddenField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation, ValidationError

from clinic_scheduler.domain.typed_text import NOT_ONE_LINE, is_address, is_one_line

# Far enough for anybody alive, and near enough that an interval can be added to it.
FIRST_DAY, LAST_DAY = date(1880, 1, 1), date(2199, 12, 31)
_FAR_OUT = 10**9
_DECIMALS = {1: "one decimal", 2: "two decimals"}


def is_in_reach(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def in_reach(_form: Any, field: Any) -> None:
    """A slip of the finger, such as the year 20266, is said to be one."""
    if field.data is not None and not is_in_reach(field.data):
        raise ValidationError("Check the year of this date")


def one_address(_form: Any, field: Any) -> None:
    """One address and nothing else: of two, nobody would see that one was dropped."""
    if not is_address(field.data or ""):
        raise ValidationError("Enter one e-mail address like name@example.org")


def _in_one_line(_form: Any, field: Any) -> None:
    if isinstance(field.data, str) and not is_one_line(field.data):
        raise ValidationError(f"{field.label.text} {NOT_ONE_LINE}")


def stripped(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


def text_field(label: str, *, required: str | None = None, longest: int = 120, **more: Any) -> StringField:
    """One line of text; `required` is what to say when it is missing."""
    validators: list[Any] = [Length(max=longest, message=f"{label} may have at most {longest} characters")]
    if required:
        # After the outer space is lost: a name of blanks is none.
        validators.insert(0, DataRequired(required))
    return StringField(label, validators=validators, filters=[stripped], **more)


class Quantity(DecimalField):  # type: ignore[misc]
    """A number with as many decimals as its column keeps: one more would be rounded by the database unseen."""

    def __init__(self, label: str, decimals: int = 2, **more: Any) -> None:
        super().__init__(label, places=None, **more)
        self._decimals = decimals

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValueError("Enter a number, such as 155 or 12.5")
        # What is far out of any range is left to the range to say.
        if abs(number) < _FAR_OUT and round(number, self._decimals) != number:
            raise ValueError(f"Round this number to {_DECIMALS[self._decimals]}")
        self.data = number

    def pre_validate(self, form: Any) -> None:
        """What is no number is not also said to be out of range."""
        if self.process_errors:
            raise StopValidation


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """A select's options out of (value, words)."""
    return [SelectChoice(value=value, label=words) for value, words in pairs]


class OneLines:
    """A field of one line is refused with two, which no browser sends but a program may."""

    def validate(self, extra_validators: Any = None) -> bool:
        lines = {
            name: [_in_one_line]
            for name, field in self._fields.items()  # type: ignore[attr-defined]
            if isinstance(field, StringField) and not isinstance(field, TextAreaField)
        }
        for name, more in (extra_validators or {}).items():
            lines[name] = [*lines.get(name, ()), *more]
        return bool(super().validate(lines))  # type: ignore[misc]


class Form(OneLines, FlaskForm):  # type: ignore[misc]
    """A form whose fields' ids are their names."""


class GuardedForm(Form):
    """`seen` stamps what was stored when the form was opened; web/edit_conflicts.py looks at it."""

    seen = HiddenField(validators=[Length(max=64)])
