"""What patients read: every kind in every form, escaped where it must be and nowhere else."""

from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, UndefinedError

from clinic_scheduler.domain.messaging import kinds
from clinic_scheduler.languages import languages
from clinic_scheduler.messages import (
    KINDS,
    ClinicDetails,
    MessageValues,
    Overdue,
    TimeToBook,
    VisitMoved,
    VisitReminder,
    compose,
    template_environment,
)

from .kinds import CLINIC, ENVIRONMENT, STARTS_AT, TEMPLATES, bare_kinds, every_kind

BOTH = every_kind() + bare_kinds()
FILES = {"subject.txt", "email.txt", "email.html", "sms.txt"}


class Reading(HTMLParser):
    """The text of a page, its links, and whether every element that opened was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_every_kind_has_its_four_files() -> None:
    folders = {
        path.name: {file.name for file in path.iterdir()} for path in (TEMPLATES / "messages").glob("[!_]*")
    }
    assert folders == dict.fromkeys(KINDS, FILES)
    assert set(KINDS) == set(kinds.KINDS)


def test_the_fixtures_cover_every_kind() -> None:
    assert {values.kind for values in every_kind()} == set(KINDS)
    assert {values.kind for values in bare_kinds()} == set(KINDS)
    assert all(KINDS[values.kind] is type(values) for values in BOTH)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("values", BOTH, ids=lambda values: values.kind)
def test_every_kind_composes_whole(values: MessageValues, language: str) -> None:
    message = compose(values, ENVIRONMENT, language)
    html = Reading(message.html)
    assert message.sms is not None
    assert message.subject == " ".join(message.subject.split()) != ""
    assert html.open == []
    assert html.tags <= {"html", "head", "meta", "title", "body", "div", "p", "a", "br", "strong"}
    assert f'<html lang="{language}">' in message.html
    for form in (message.subject, message.text, html.text, message.sms):
        assert not set("{}%") & set(form)
        assert "None" not in form
        assert "\n\n\n" not in form
        assert "  " not in form
        assert ".." not in form
    hello = {
        "en": f"Hello{' Pat' if values.given_name else ''},",
        "es": f"Hola{', Pat' if values.given_name else ''}:",
    }
    for body in (message.text, html.text):
        assert {"en": "In an emergency, call 911", "es": "En una emergencia, llame al 911"}[language] in body
        assert CLINIC.name in body
        assert CLINIC.phone in body
        assert hello[language] in body
    assert message.sms.startswith("Riverside")
    assert CLINIC.phone in message.sms
    assert "STOP" in message.sms
    assert "911." in message.sms


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("values", every_kind(), ids=lambda values: values.kind)
def test_the_page_and_the_plain_text_say_the_same(values: MessageValues, language: str) -> None:
    message = compose(values, ENVIRONMENT, language)
    page = Reading(message.html)
    assert page.words[page.words.index(message.subject)] == message.subject, "the title is the subject"
    for line in message.text.splitlines():
        said = line.removesuffix(":")
        assert said in page.text or said in page.links, said


@pytest.mark.parametrize("values", every_kind(), ids=lambda values: values.kind)
def test_links_lead_to_the_phone_and_the_given_addresses_only(values: MessageValues) -> None:
    links = set(Reading(compose(values, ENVIRONMENT).html).links)
    own = {getattr(values, name, None) for name in ("visit_url", "subscribe_url", "opt_out_url")} - {None}
    assert links == {"tel:6025550100", "tel:911", *own}


@pytest.mark.parametrize("values", bare_kinds(), ids=lambda values: values.kind)
def test_without_an_opt_out_page_the_phone_stops_the_letters(values: MessageValues) -> None:
    message = compose(values, ENVIRONMENT)
    assert "To stop these e-mails, tell us at (602) 555-0100." in message.text
    links = {getattr(values, "subscribe_url", "")} - {""}
    assert {link for link in Reading(message.html).links if not link.startswith("tel:")} == links


def test_a_language_without_words_is_told_in_english_and_a_region_in_its_language() -> None:
    values = every_kind()[0]
    assert compose(values, ENVIRONMENT, "fr") == compose(values, ENVIRONMENT, "en")
    assert compose(values, ENVIRONMENT, "es-MX") == compose(values, ENVIRONMENT, "es")


def test_the_visit_is_told_in_the_clinics_time() -> None:
    values = VisitReminder(clinic=CLINIC, starts_at=STARTS_AT, days_before=3)
    message = compose(values, ENVIRONMENT)
    assert "\nMonday 23 November 2026 at 9:00 am\n" in message.text
    assert "<strong>Monday 23 November 2026 at 9:00 am</strong>" in message.html
    assert "your visit: Mon 23 Nov 2026, 9:00 am." in message.sms
    eastern = replace(CLINIC, zone=ZoneInfo("America/New_York"))
    assert "at 12:00 noon" in compose(replace(values, clinic=eastern), ENVIRONMENT).text


def test_a_moved_visit_tells_both_times_apart() -> None:
    moved = next(values for values in every_kind() if isinstance(values, VisitMoved))
    text = compose(moved, ENVIRONMENT).text
    assert text.index("Monday 23 November 2026 at 9:00 am") < text.index(
        "no longer on Friday 20 November 2026"
    )


@pytest.mark.parametrize(
    ("earliest", "until", "sentence"),
    [
        (
            date(2026, 11, 23),
            date(2026, 11, 30),
            "from Monday 23 November 2026 through Monday 30 November 2026.",
        ),
        (date(2026, 11, 23), None, "on or after Monday 23 November 2026."),
        (None, date(2026, 11, 30), "no later than Monday 30 November 2026."),
    ],
)
def test_time_to_book_names_the_days_it_knows(
    earliest: date | None, until: date | None, sentence: str
) -> None:
    message = compose(TimeToBook(clinic=CLINIC, earliest_date=earliest, on_time_until=until), ENVIRONMENT)
    assert f"Please choose a day {sentence}" in message.text
    assert f"Please choose a day {sentence}" in Reading(message.html).text


@pytest.mark.parametrize("days_before", [0, 1, 3, 7])
def test_a_reminder_never_says_when_it_is_read(days_before: int) -> None:
    message = compose(VisitReminder(clinic=CLINIC, starts_at=STARTS_AT, days_before=days_before), ENVIRONMENT)
    for form in (message.subject, message.text, message.html, message.sms):
        assert "tomorrow" not in form.lower()
        assert "today" not in form.lower()
    assert ("right away" in message.text) is (days_before <= 1)
    assert ("right away" in message.html) is (days_before <= 1)


def test_the_page_is_escaped_and_plain_text_is_not() -> None:
    values = VisitReminder(
        clinic=ClinicDetails(name="Smith & <b>Sons</b>", phone='555-0100" onclick="x', zone=CLINIC.zone),
        starts_at=STARTS_AT,
        days_before=3,
        given_name="<script>alert(1)</script>",
        provider_name="Dr O'Neil & Co",
        opt_out_url="https://clinic.example.org/m?a=1&b=%22",
    )
    message = compose(values, ENVIRONMENT)
    page = Reading(message.html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "onclick" not in message.html.replace("555-0100&#34; onclick=&#34;x", "")
    assert "Hello <script>alert(1)</script>," in page.text
    assert values.opt_out_url in page.links
    for plain in (message.text, message.sms):
        assert "&amp;" not in plain
        assert "&#" not in plain
        assert "Smith & <b>Sons</b>" in plain
    assert "Hello <script>alert(1)</script>," in message.text
    assert "with Dr O'Neil & Co:" in message.text


def test_template_marks_in_a_name_are_only_text() -> None:
    message = compose(replace(every_kind()[0], given_name="{{ 7 * 7 }}{% x %}"), ENVIRONMENT)
    assert "Hello {{ 7 * 7 }}{% x %}," in message.text


def test_no_value_can_add_a_line() -> None:
    nasty = "Pat\r\nBcc: all@example.org\x00\x1b[2J\u202e\u2028\x85\udc80"
    clinic = ClinicDetails(name=nasty, phone="555-0100\n555-0199", zone=CLINIC.zone)
    values = VisitReminder(
        clinic=clinic, starts_at=STARTS_AT, days_before=3, given_name=nasty, provider_name=nasty
    )
    message = compose(values, ENVIRONMENT)
    assert message.text.startswith("Hello Pat Bcc: all@example.org[2J,\n")
    assert "\n" not in message.sms
    for form in (message.subject, message.text, message.html, message.sms):
        assert form.encode()
        assert not any(mark in form for mark in "\r\x00\x1b\u202e\u2028\x85")


def test_a_subject_is_one_clean_line_whatever_its_template_holds() -> None:
    files = {f"messages/overdue/{name}": "{{ signature }}" if name == "sms.txt" else "x" for name in FILES}
    files["messages/overdue/subject.txt"] = "\n Please\r\n  call: {{ given_name }}\x07 \n"
    environment = ENVIRONMENT.overlay(loader=DictLoader(files))
    assert compose(Overdue(clinic=CLINIC, given_name="A & B"), environment).subject == "Please call: A & B"


def test_a_name_no_template_was_given_is_an_error_and_not_a_blank() -> None:
    files = {f"messages/overdue/{name}": "{{ visit }}" for name in FILES}
    with pytest.raises(UndefinedError, match="visit"):
        compose(Overdue(clinic=CLINIC), ENVIRONMENT.overlay(loader=DictLoader(files)))


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "/m/abc", "", "https://x.example.org/a b", "https://x.example.org/\nb", "HTTPS"],
)
def test_a_link_is_one_web_address(link: str) -> None:
    with pytest.raises(ValueError, match="http or https"):
        compose(Overdue(clinic=CLINIC, opt_out_url=link), ENVIRONMENT)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 (a naive time is what must be refused)
    with pytest.raises(ValueError, match="time zone"):
        compose(VisitReminder(clinic=CLINIC, starts_at=naive, days_before=3), ENVIRONMENT)


def test_what_is_personal_stays_out_of_repr() -> None:
    for values in every_kind():
        shown = repr(values) + repr(compose(values, ENVIRONMENT))
        for secret in ("Pat", "Reid", "https://", "23", "911"):
            assert secret not in shown


def test_the_environment_escapes_pages_only_and_takes_a_path_or_a_string() -> None:
    environment = template_environment(str(TEMPLATES))
    assert environment.get_template("messages/overdue/email.html")
    escapes = environment.autoescape
    assert callable(escapes)
    assert [escapes(name) for name in ("email.html", "email.txt", "sms.txt", None)] == [
        True,
        False,
        False,
        False,
    ]
