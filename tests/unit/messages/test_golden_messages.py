"""Every message in every form, character for character, as people read them in review."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.kinds import CHANNELS, EMAIL, KINDS, SMS
from clinic_scheduler.messages import (
    Message,
    MessageValues,
    TimeToBook,
    VisitReminder,
    compose,
    shipped_wording,
)
from tests.patient_texts import same_as_golden

from .kinds import CLINIC, ENVIRONMENT, STARTS_AT, VISIT, bare_kinds, every_kind, other_visits

WITHOUT_PHONE = replace(CLINIC, phone="")
SHORT_OF_ROOM = replace(CLINIC, text_name="The Riverside Clinic of the Two Valleys and the Northern Hills")
OWN = {EMAIL: "Dear {{ given_name }},\n\nsee you {{ visit }}\nat {{ clinic_name }} & co.", SMS: "{{ visit }}"}


def told() -> Iterator[tuple[str, MessageValues]]:
    yield from (("whole", values) for values in every_kind())
    yield from (("bare", values) for values in bare_kinds())
    yield from (("other visit", values) for values in other_visits())
    yield from (("no phone", values) for values in every_kind(WITHOUT_PHONE))
    # A day of each month and each weekday, midday among them.
    for month in range(1, 13):
        at = datetime(2027, month, month, 20 if month % 2 else 18, 5 * (month % 3), tzinfo=UTC)
        yield f"month {month}", VisitReminder(clinic=CLINIC, starts_at=at, days_before=month % 3)
    day = date(2026, 9, 1)
    yield "earliest", TimeToBook(clinic=CLINIC, earliest_date=day)
    yield "latest", TimeToBook(clinic=CLINIC, on_time_until=day)
    yield "short of room", VisitReminder(clinic=SHORT_OF_ROOM, starts_at=STARTS_AT, days_before=2)


def shown(message: Message, *, page: bool) -> str:
    html = f"---\n{message.html}" if page else ""
    return f"{message.subject}\n---\n{message.text}{html}---\n{message.sms}"


@pytest.mark.parametrize("language", ["en", "es"])
def test_messages(language: str) -> None:
    same_as_golden(
        f"messages.{language}.txt",
        (
            (f"{values.kind}, {how}", shown(compose(values, ENVIRONMENT, language), page=how == "whole"))
            for how, values in told()
        ),
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_to_start_from(language: str) -> None:
    def words() -> Iterator[tuple[str, str]]:
        for kind in KINDS:
            for channel in CHANNELS:
                shipped = shipped_wording(kind, channel, language, ENVIRONMENT)
                yield f"{kind}, {channel}", f"{shipped.subject}\n---\n{shipped.body}"

    same_as_golden(f"words_to_start_from.{language}.txt", words())


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_clinics_own_words_in_the_shipped_frame(language: str) -> None:
    values = replace(every_kind()[0], visit_url=VISIT)  # type: ignore[call-arg]

    def words() -> Iterator[tuple[str, str]]:
        for channel, body in OWN.items():
            subject = "From {{ clinic_name }}" if channel == EMAIL else None
            wording = Wording(values.kind, channel, language, subject, body)
            yield channel, shown(compose(values, ENVIRONMENT, language, wording), page=True)

    same_as_golden(f"own_words.{language}.txt", words())
