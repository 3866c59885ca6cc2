"""What no text that comes in may hold: told from what people type."""

import pytest

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.typed_text import (
    is_address,
    is_one_line,
    may_be_kept,
    require_address,
    require_one_line,
)


@pytest.mark.parametrize("text", ["", "Núñez", "two\nlines", "tab\tstop", "😀", "\ufffe"])
def test_what_may_be_kept(text: str) -> None:
    assert may_be_kept(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfffb"])
def test_what_no_database_keeps(text: str) -> None:
    assert not may_be_kept(text)
    assert not is_one_line(text)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\tb", "\x1b[2J", "\x7f", "a\u0085b", "a\u2028b", "a\u2029b"]
)
def test_what_is_more_than_one_line(text: str) -> None:
    assert not is_one_line(text)
    with pytest.raises(
        InvalidInput, match="the name has a line break or a control character in it"
    ) as refused:
        require_one_line(text, "the name", "name")
    assert (refused.value.refusal.field, refused.value.refusal.code) == ("name", "not_one_line")


@pytest.mark.parametrize("text", [None, "", "Harbor Neurology, Inc. “North”", "Ærø"])
def test_what_is_one_line(text: str | None) -> None:
    require_one_line(text, "the name")


@pytest.mark.parametrize("text", ["a@example.org", "o'brien+x@mail.example.org", "ü@bücher.example"])
def test_one_address(text: str) -> None:
    assert is_address(text)
    require_address(text, "the e-mail")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a@b\r\nBcc: x",
            "a@b,c@d",
            "a@example.org,c@example.org",
            "a@example.org;c@example.org",
            "a@example",
        ),
        *(
            "<a@example.org>",
            "A <a@example.org>",
            " a@example.org",
            "a..b@example.org",
            f"{'a' * 250}@example.org",
        ),
    ],
)
def test_what_is_no_address_or_two(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(InvalidInput, match="the e-mail is no e-mail address; enter one") as refused:
        require_address(text, "the e-mail")
    assert refused.value.refusal.code == "no_address"


def test_none_is_asked_for_where_there_is_none() -> None:
    require_address(None, "the e-mail")
    require_address("", "the e-mail")
