"""Edit conflicts in settings forms: what was shown is stamped, and compared again when saved."""

import hashlib
import json
from typing import Any

from clinic_scheduler.domain.errors import ChangedMeanwhile
from clinic_scheduler.web.context import actor
from clinic_scheduler.web.forms.base import GuardedForm

CHANGED = (
    "Somebody changed this since you opened it. Nothing was saved. "
    "What you typed is still here: save again to keep it"
)
_NOT_VALUES = {"csrf_token", "seen", "version", "open_courses"}


class EditConflict(ChangedMeanwhile):
    """Somebody saved other values since the form was opened; `problems` say which, beside what was typed."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__()
        self.problems = problems


def stamped(form: GuardedForm) -> GuardedForm:
    """The form of what is stored, carrying a stamp of it; the clinic counts, should the person change it meanwhile."""
    values = [actor().clinic_id, *((field.name, repr(field.data)) for field in _values(form))]
    form.seen.data = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    return form


def require_unchanged(form: GuardedForm, stored: GuardedForm) -> None:
    """Raises Overtaken unless the stored values are those the form was opened with, or are what it says anyway.

    What was typed stays in the form, with the new stamp: saved again, it takes the other values' place. A form
    without a stamp was never opened, so nothing can have changed since.
    """
    opened_with, form.seen.data = form.seen.data, stamped(stored).seen.data
    if not opened_with or opened_with == form.seen.data:
        return
    problems = differences(form, stored)
    if problems:
        raise EditConflict(problems)


def differences(form: Any, stored: Any) -> list[tuple[str, str]]:
    """For the summary: that somebody was first, and by field what is stored now and what was typed."""
    problems = []
    for field in _values(form):
        now, typed = _text(stored[field.name]), _text(field)
        if now != typed:
            field.errors = [*field.errors, f"Saved meanwhile: {now or 'nothing'}"]
            problems.append(
                (field.id, f"{field.label.text}: now {now or 'nothing'}, yours {typed or 'nothing'}")
            )
    if problems:
        problems.insert(0, (problems[0][0], CHANGED))
    return problems


def _values(form: Any) -> list[Any]:
    return [field for field in form if field.name not in _NOT_VALUES]


def _text(field: Any) -> str:
    """A value as the form shows it."""
    if hasattr(field, "iter_choices"):
        return next((str(option.label) for option in field.iter_choices() if option.selected), "")
    return "" if field.data is None else str(field.data)
