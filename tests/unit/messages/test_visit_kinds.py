"""Each kind of visit is spoken of by its own name, in both languages; an injection is a visit, as ever."""

from dataclasses import replace

import pytest

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.messages import compose

from .kinds import CLINIC, ENVIRONMENT, every_kind, other_visits

# In letters, and in texts.
NAMES = {
    ("consultation", "en"): ("consultation", "consultation"),
    ("follow_up", "en"): ("follow-up visit", "follow-up"),
    ("consultation", "es"): ("consulta", "consulta"),
    ("follow_up", "es"): ("visita de seguimiento", "cita de control"),
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_letters_and_texts_name_the_kind_and_subjects_do_not(language: str) -> None:
    for values in other_visits():
        kind: str = values.visit_kind  # type: ignore[attr-defined]  # those that have it
        name, short = NAMES[kind, language]
        message = compose(values, ENVIRONMENT, language)
        assert name in message.text.lower()
        assert name in message.html.lower()
        assert short in (message.sms or "").lower()
        assert "inyec" not in message.text.lower()
        assert "inject" not in message.text.lower()
        as_injection = compose(replace(values, visit_kind="injection"), ENVIRONMENT, language)  # type: ignore[call-arg]
        assert message.subject == as_injection.subject


def test_a_missed_consultation_does_not_say_what_a_missed_injection_says() -> None:
    missed = next(values for values in other_visits() if values.kind == "missed_visit")
    assert "for your consultation with Dr Reid" in compose(missed, ENVIRONMENT).text
    assert "consulta perdida" in (compose(missed, ENVIRONMENT, "es").sms or "")
    plain = next(values for values in every_kind() if values.kind == "missed_visit")
    assert "we missed you: visit on" in (compose(plain, ENVIRONMENT).sms or "")


def test_a_clinics_own_words_are_for_injections_unless_they_leave_open_what_it_is() -> None:
    fixed = Wording("visit_booked", "sms", "en", None, "Your treatment: {{ visit }}")
    open_ = Wording("visit_booked", "sms", "en", None, "Your {{ visit_name }}: {{ visit }}")
    assert fixed.speaks_of("injection")
    assert open_.speaks_of("injection")
    assert open_.speaks_of("follow_up")
    assert not fixed.speaks_of("consultation")
    values = next(v for v in other_visits() if v.kind == "visit_booked")
    assert compose(values, ENVIRONMENT, "en", open_).sms == "Your consultation: Mon 23 Nov 2026, 9:00 am"


def test_a_name_of_forty_characters_leaves_at_least_so_much_that_it_says_who_writes() -> None:
    clinic = replace(CLINIC, name="Riverside Family Clinic of Northern Mesa")
    for values in other_visits(clinic):
        for language in ("en", "es"):
            assert (compose(values, ENVIRONMENT, language).sms or "").startswith("Riverside")
