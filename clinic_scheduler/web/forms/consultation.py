"""Whom a patient saw without an appointment, and how it ended."""

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.visits.kinds_and_states import ConsultationOutcome
from clinic_scheduler.web.forms.base import Form, choices
from clinic_scheduler.web.urls import key_of


class SeenForm(Form):
    provider = SelectField("Seen by", coerce=key_of)
    outcome = RadioField(
        "How it ended",
        choices=choices(labels(ConsultationOutcome).items()),
        validators=[InputRequired("Choose how it ended")],
    )

    @classmethod
    def with_providers(cls, providers: Sequence[Any], **values: Any) -> "SeenForm":
        form = cls(**values)
        form.provider.choices = choices((provider.id, provider.name) for provider in providers)
        return form
