"""The shared base of all forms: text loses its outer space, and is kept to what its column holds."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, StringField
from wtforms.validators import DataRequired, Length, ValidationError

# Far enough for anybody alive, and near enough that an interval can be added to it.
FIRST_DAY, LAST_DAY = date(1880, 1, 1), date(2199, 12, 31)


def is_in_reach(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def in_reach(_form: Any, field: Any) -> None:
    """A slip of the finger, such as the year 20266, is said to be one."""
    if field.data is not None and not is_in_reach(field.data):
        raise ValidationError("Check the year of this date")


def stripped(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


def text_field(label: str, *, required: str | None = None, longest: int = 120, **more: Any) -> StringField:
    """One line of text; `required` is what to say when it is missing."""
    validators: list[Any] = [Length(max=longest, message=f"{label} may have at most {longest} characters")]
    if required:
        # After the outer space is lost: a name of blanks is none.
        validators.insert(0, DataRequired(required))
    return StringField(label, validators=validators, filters=[stripped], **more)


def choices(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """A select's options out of (value, words)."""
    return [SelectChoice(value=value, label=words) for value, words in pairs]


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose fields' ids are their names."""


class GuardedForm(Form):
    """`seen` stamps what was stored when the form was opened; web/unchanged.py looks at it."""

    seen = HiddenField(validators=[Length(max=64)])
