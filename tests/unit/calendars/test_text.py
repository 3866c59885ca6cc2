"""Cleaning and escaping of text, read back by two parsers."""

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from clinic_scheduler.calendars.feed import provider_feed
from clinic_scheduler.calendars.text import PlainText, clean

from .lint import lint
from .rows import CLINIC, NOW, SUBSCRIPTION, visit

ANY_CHARACTER = st.characters(min_codepoint=0, max_codepoint=0x10FFFF, exclude_categories=())


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\n\rb", "a\n\nb"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("a\x00\x07\x0b\x0c\x1b\x7f\x9fb", "ab"),
        ("a\ud83db\udc00c", "abc"),
        (r"C:\New", r"C:\New"),
        ("👩‍👩‍👧‍👦 é \u200f", "👩‍👩‍👧‍👦 é \u200f"),
    ],
)
def test_cleaned_text(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [(r"\N", rb"\\N"), (r"\n", rb"\\n"), ("\n", rb"\n"), ("a;b,c:d", rb"a\;b\,c:d"), ("\\", rb"\\")],
)
def test_escaped_text(raw: str, escaped: bytes) -> None:
    assert PlainText(raw).to_ical() == escaped


@settings(max_examples=200, deadline=None)
@given(st.text(ANY_CHARACTER, max_size=200))
@example(r"\N" * 40)
@example("\\" * 77)
@example("👩‍👩‍👧‍👦" * 20)
@example("é" * 75)
@example("a\r\n b\r\tc\u2028")
@example("\ufeffBEGIN:VEVENT\r\nEND:VCALENDAR")
def test_any_text_is_read_back_as_it_was_cleaned(raw: str) -> None:
    body = provider_feed(
        [visit(reference=f"<{raw}>", provider_name=raw)], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW
    )
    assert lint(body) == []
    expected = f"Visit <{clean(raw)}>"
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]) == expected
    assert vobject.readOne(body.decode()).vevent.summary.value == expected
