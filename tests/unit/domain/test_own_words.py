"""What is refused of a clinic's own words, one complaint at a time; how they are filled in is in messages."""

import pytest

from clinic_scheduler.domain.messaging.custom_wording import (
    LONGEST,
    MEANINGS,
    Wording,
    fields_of,
    problems,
    required_of,
)
from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS

GOOD_TEXT = "{{ clinic_name }}: {{ visit }}. Call {{ clinic_phone }}. STOP to end"


def complaints(
    channel: str, body: str, subject: str | None = "See you", kind: str = "visit_reminder"
) -> list[str]:
    found = problems(Wording(kind, channel, "en", subject, body))
    return [f"{problem.place}: {problem.message}" for problem in found]


def test_good_words_are_taken() -> None:
    assert complaints("sms", GOOD_TEXT, None) == []
    assert complaints("email", "We see you on {{ visit }}.") == []


@pytest.mark.parametrize(("kind", "channel", "language"), [("x", "sms", "en"), ("overdue", "fax", "en")])
def test_there_are_no_words_for_what_is_never_sent(kind: str, channel: str, language: str) -> None:
    with pytest.raises(ValueError, match="no message of this kind"):
        Wording(kind, channel, language, None, "")


@pytest.mark.parametrize("empty", ["", " ", "\n\n"])
def test_nothing_written_is_said_of_each_place(empty: str) -> None:
    assert complaints("email", empty, None) == ["subject: Write the subject", "body: Write the words"]


def test_what_is_too_long_is_counted() -> None:
    most = LONGEST["email", "subject"]
    assert complaints("email", "{{ visit }}", "x" * most) == []
    assert complaints("email", "{{ visit }}", "x" * (most + 1)) == [
        f"subject: These are {most + 1} characters; at most {most} fit"
    ]


@pytest.mark.parametrize("mark", ["\x00", "\t", "\u202e", "\x9f"])
def test_control_characters_are_refused_and_a_line_break_in_a_subject(mark: str) -> None:
    said = "There is a control character or a line break where none may be"
    assert complaints("email", "{{ visit }}" + mark) == [f"body: {said}"]
    assert complaints("email", "{{ visit }}\nSee you", "See\nyou") == [f"subject: {said}"]


def test_a_field_is_refused_where_it_is_unknown_or_would_tell() -> None:
    (unknown,) = complaints("email", "{{ visit }}\n{{ earliest_date }}")
    assert unknown == "body: Line 2, “{{ earliest_date }}”: this message has no such field"
    (notification,) = complaints("email", "{{ visit }}", "Dear {{ given_name }}")
    assert notification.endswith("a subject shows on a locked screen, so it names nobody and no day")
    assert complaints("email", "{{ visit }}", "{{ clinic_name }}") == []
    (braces,) = complaints("email", "{{ visit }} {% x %}")
    assert "braces are for the fields listed here alone" in braces


def test_what_a_text_must_say_is_missed() -> None:
    missing = complaints("sms", "See you", None)
    assert [each.partition(" is missing")[0] for each in missing] == [
        *("body: {{ clinic_name }}", "body: {{ clinic_phone }}", "body: {{ visit }}", "body: STOP"),
    ]


@pytest.mark.parametrize("asked", ["Reply CANCEL", "reply with cancel", "QUIT"])
def test_a_text_asks_for_no_word_that_ends_all_texts(asked: str) -> None:
    (said,) = complaints("sms", f"{GOOD_TEXT}. {asked}", None)
    assert said.endswith("answering so would end all texts. Ask for C or R, or for a call")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_must_be_named_may_be_named_and_is_explained(kind: str, channel: str) -> None:
    assert set(required_of(kind, channel)) <= set(fields_of(kind, channel)) <= set(MEANINGS)


@pytest.mark.parametrize(
    ("visit_kind", "body", "fits"),
    [
        ("injection", "See you", True),
        ("consultation", "See you", False),
        ("consultation", "Your {{ visit_name }}", True),
        ("follow_up", "Your {{visit_name}}", True),
    ],
)
def test_words_speak_of_injections_unless_they_leave_open_what_it_is(
    visit_kind: str, body: str, fits: bool
) -> None:
    assert Wording("visit_reminder", "sms", "en", None, body).speaks_of(visit_kind) is fits
