"""A time for a visit, what is decided about what stands against it, and why one is called off."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import DateField, HiddenField, SelectField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length

from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.kinds_and_states import REASONS_THAT_FOLLOW, CancelReason, VisitKind
from clinic_scheduler.domain.visits.seen import seen_in
from clinic_scheduler.services.visits.guard import OverrideEntry
from clinic_scheduler.web.forms.base import Form, choices, in_reach, stripped
from clinic_scheduler.web.urls import key_of

NOTE_LENGTH = 500


class TimeForm(Form):
    """Book or move: provider, local day and time. `key` makes sending the page twice book once.

    Reasons for what stands against the visit come beside it, one pair of fields a name; see overrides_in.
    """

    kind = SelectField(
        "Kind of visit",
        choices=choices(labels(VisitKind).items()),
        default=VisitKind.INJECTION.value,
    )
    provider = SelectField("Provider", coerce=key_of)
    day = DateField("Date", validators=[InputRequired("Enter a date, such as 2026-11-24"), in_reach])
    at = TimeField("Time", validators=[InputRequired("Enter a time, such as 10:30")])
    question = TextAreaField(
        "What the patient says", validators=[Length(max=NOTE_LENGTH)], filters=[stripped]
    )
    key = HiddenField(validators=[Length(max=64)])

    @classmethod
    def with_providers(cls, providers: Sequence[Any], **values: Any) -> "TimeForm":
        form = cls(**values)
        form.provider.choices = choices((provider.id, provider.name) for provider in providers)
        return form


class SlotForm(Form):
    """A free time of the schedule's table, as its link or button carries it."""

    slot = HiddenField()
    key = HiddenField()


class MoveForm(SlotForm):
    """Where to; reasons come beside it as in TimeForm."""


class CancelForm(Form):
    reason = SelectField(
        "Reason",
        choices=choices(pair for pair in labels(CancelReason).items() if pair[0] not in REASONS_THAT_FOLLOW),
    )


def overrides_in(sent: Mapping[str, str]) -> tuple[OverrideEntry, ...]:
    """What was decided by name: fields reason-<name> and note-<name>; names left open are left out.

    stood= is what the page has shown, as macros/blocks.html writes it beside every reason; without it, nothing.
    """
    seen = seen_in(sent.get("stood"))
    return tuple(
        OverrideEntry(
            name.value, sent[f"reason-{name}"], sent.get(f"note-{name}", "").strip()[:NOTE_LENGTH], seen
        )
        for name in Against
        if sent.get(f"reason-{name}")
    )
