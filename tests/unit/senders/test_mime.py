"""What arrives is what was composed, and nothing a value holds can become a header or another recipient."""

import email
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_scheduler.senders.base import Attachment, Envelope, SendError
from clinic_scheduler.senders.mime import outgoing
from clinic_scheduler.senders.smtp import SmtpSender

from .envelopes import PATIENT, letter, yes
from .relay import Relay, running

INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n.\r\nSUMMARY:Appointment \xc3\xa9\r\nEND:VCALENDAR\r\n"
ICS = Attachment("visit.ics", "text/calendar; method=REQUEST; charset=utf-8", INVITATION)
CLINIC = "Riverside <clinic@example.org>"


def parsed(envelope: Envelope) -> EmailMessage:
    return email.message_from_bytes(outgoing(envelope, CLINIC).content, policy=policy.default)


def words(part: EmailMessage) -> str:
    """A part's text, with the line ends it was composed with."""
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def refused(envelope: Envelope) -> SendError:
    with pytest.raises(SendError) as caught:
        outgoing(envelope, CLINIC)
    assert caught.value.permanent
    assert "Nothing was sent" in caught.value.reason
    return caught.value


def test_what_arrives_is_what_was_composed() -> None:
    link = f"<https://clinic.example.org/stop/{'Ab3_' * 40}>"
    sent = letter(
        from_='"Clínica Peña, north" <clinic@example.org>',
        reply_to="Desk <desk@example.org>",
        attachments=(ICS, Attachment("directions.pdf", "application/pdf", b"%PDF-1.7\r\n.\r\n\x00\xff")),
        headers={"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    with running(Relay()) as relay:
        sender = SmtpSender(
            "127.0.0.1", relay.port, security="none", from_address=CLINIC, local_hostname="app.example.org"
        )
        sender.send(sent, yes)
        sender.close()
        arrived = relay.received[0].content
    message = email.message_from_bytes(arrived, policy=policy.default)

    assert message["Subject"] == sent.subject
    assert message["To"] == PATIENT
    assert message["From"].addresses[0].display_name == "Clínica Peña, north"
    assert message["Reply-To"].addresses[0].addr_spec == "desk@example.org"
    assert message["Message-ID"] == sent.message_id
    assert message["Date"].datetime == sent.date
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"List-Unsubscribe: {link}\r\n".encode() in arrived, "a folded link is a dead link"

    alternative, ics, pdf = message.iter_parts()
    plain, html, invitation = alternative.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert alternative.get_content_type() == "multipart/alternative"
    assert (plain.get_content_type(), words(plain)) == ("text/plain", sent.text)
    assert (html.get_content_type(), words(html)) == ("text/html", sent.html)
    assert invitation["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    assert invitation.get_content_type() == "text/calendar"
    assert invitation.get_payload(decode=True) == INVITATION
    assert invitation.get_content_disposition() is None
    assert (ics.get_content_type(), ics.get_filename()) == ("application/ics", "visit.ics")
    assert ics.get_payload(decode=True) == INVITATION
    assert (pdf.get_filename(), pdf.get_payload(decode=True)) == (
        "directions.pdf",
        sent.attachments[1].content,
    )


def test_without_attachments_it_is_a_plain_alternative() -> None:
    message = parsed(letter())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_without_html_it_is_plain_text() -> None:
    message = parsed(letter(html=None))
    assert (message.get_content_type(), words(message)) == ("text/plain", letter().text)


def test_a_calendar_without_a_method_is_only_a_file() -> None:
    feed = Attachment("visits.ics", "text/calendar; charset=utf-8", INVITATION)
    alternative, file = parsed(letter(attachments=(feed,))).iter_parts()
    assert len(list(alternative.iter_parts())) == 2
    assert file.get_content_type() == "text/calendar"


def test_the_from_line_is_the_senders_own_unless_the_envelope_has_one() -> None:
    assert parsed(letter())["From"] == CLINIC
    assert parsed(letter(from_="Desk <desk@example.org>"))["From"] == "Desk <desk@example.org>"
    assert outgoing(letter(from_="Desk <desk@example.org>"), CLINIC).sender == "clinic@example.org"


@pytest.mark.parametrize("ending", ["\r\nBcc: all@example.org", "\nBcc: x", "\rx", "\x00", "\x85", "\u2028x"])
@pytest.mark.parametrize(
    "place", ["subject", "from_", "reply_to", "message_id", "to", "headers", "filename", "type"]
)
def test_a_line_break_or_control_character_in_a_header_is_refused(place: str, ending: str) -> None:
    changes: dict[str, Any] = {
        "subject": {"subject": f"Reminder{ending}"},
        "from_": {"from_": f"Clinic{ending} <clinic@example.org>"},
        "reply_to": {"reply_to": f"desk@example.org{ending}"},
        "message_id": {"message_id": f"<m1@example.org>{ending}"},
        "to": {"to": f"{PATIENT}{ending}"},
        "headers": {"headers": {"List-Unsubscribe": f"<https://example.org/>{ending}"}},
        "filename": {"attachments": (Attachment(f"visit{ending}.ics", "text/calendar", b"x"),)},
        "type": {"attachments": (Attachment("visit.ics", f"text/calendar{ending}", b"x"),)},
    }[place]
    assert "Bcc" not in refused(letter(**changes)).reason


@pytest.mark.parametrize(
    "name", ["Bcc", "To", "From", "Subject", "Content-Type", "Sender", "X-A: b\r\nBcc", "", "X- "]
)
def test_an_added_header_can_be_of_the_harmless_kinds_only(name: str) -> None:
    refused(letter(headers={name: "x@example.org"}))


@pytest.mark.parametrize("value", ["é", "x" * 990])
def test_an_added_header_that_would_be_rewritten_on_the_way_is_refused(value: str) -> None:
    refused(letter(headers={"List-Unsubscribe": value}))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pat",
        "@example.org",
        "pat@",
        "pat@example.org, ana@example.org",
        "Pat <pat@example.org>",
        "pat@example.org> SIZE=1",
        "pat jones@example.org",
        "a@b@example.org",
        '"pat\\"@x"@example.org',
        f"{'p' * 65}@example.org",
        f"pat@{'x' * 250}.org",
        "pat@[127.0.0.1]",
        "pat\udc80@example.org",
    ],
)
def test_anything_but_one_bare_address_is_refused_for_good(address: str) -> None:
    error = refused(letter(to=address))
    assert not address or address not in error.reason


@pytest.mark.parametrize(
    "from_", ["", "clinic", "a@example.org, b@example.org", "Clinic <>", "é@example.org"]
)
def test_a_malformed_from_line_is_refused(from_: str) -> None:
    if from_:
        refused(letter(from_=from_))
    with pytest.raises(SendError):
        outgoing(letter(), from_)


@pytest.mark.parametrize("message_id", ["", "m1@example.org", "<m1>", "<m1@exämple.org>", "<a@b> <c@d>"])
def test_a_malformed_message_id_is_refused(message_id: str) -> None:
    refused(letter(message_id=message_id))


@pytest.mark.parametrize(
    "content_type", ["", "calendar", "multipart/mixed", "message/rfc822", "text/calendar; ;="]
)
def test_a_malformed_attachment_type_is_refused(content_type: str) -> None:
    refused(letter(attachments=(Attachment("visit.ics", content_type, b"x"),)))


@pytest.mark.parametrize("filename", ["", "../visit.ics", "a\\b.ics"])
def test_an_attachments_name_is_a_name_and_no_path(filename: str) -> None:
    refused(letter(attachments=(Attachment(filename, "application/pdf", b"x"),)))


def test_a_body_that_is_no_text_is_refused_without_quoting_it() -> None:
    assert "secret" not in refused(letter(text="secret \udc80")).reason


def test_an_envelope_needs_a_date_with_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        letter(date=datetime(2026, 11, 20, 17, 0))  # noqa: DTZ001 (a naive date is what must be refused)
    assert letter(date=datetime(2026, 11, 20, 17, 0, tzinfo=UTC))


def test_what_is_personal_stays_out_of_repr() -> None:
    shown = repr(letter(sms="your visit")) + repr(outgoing(letter(), CLINIC)) + repr(ICS)
    for secret in (PATIENT, "pat.jones", "Hello", "Reminder", "your visit", "VCALENDAR"):
        assert secret not in shown


def written(envelope: Envelope) -> bytes:
    """The message's bytes; none where it is refused, and no other error than a refusal passes."""
    with suppress(SendError):
        return outgoing(envelope, CLINIC).content
    return b""


SMUGGLED = "=?utf-8?q?a=0D=0ABcc:_all=40example.org?="


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": SMUGGLED},
        {"from_": f"{SMUGGLED} <clinic@example.org>"},
        {"reply_to": f'"{SMUGGLED}" <desk@example.org>'},
        {"headers": {"List-Unsubscribe": SMUGGLED}},
        {"attachments": (Attachment(f"{SMUGGLED}.pdf", "application/pdf", b"x"),)},
        {"attachments": (Attachment("a.pdf", f'application/pdf; x="{SMUGGLED}"', b"x"),)},
    ],
)
def test_a_line_break_inside_an_encoded_word_never_reaches_the_wire(changes: dict[str, Any]) -> None:
    content = written(letter(**changes))
    assert b"\nBcc" not in content
    assert b"\rBcc" not in content


# Characters that mean something to a header's grammar, in any order.
header_noise = st.text(st.sampled_from("ab1@.,;:<>\"()[]\\/ é=?*%'\t\n\r\x00-_"), max_size=30)


@settings(max_examples=200)
@given(
    place=st.sampled_from(["subject", "from_", "reply_to", "message_id", "to", "header", "name", "type"]),
    noise=header_noise,
)
def test_noise_is_written_safely_or_refused_for_good_and_nothing_else(place: str, noise: str) -> None:
    added: dict[str, Any] = {
        "header": {"headers": {"List-Unsubscribe": noise}},
        "name": {"attachments": (Attachment(noise, "application/pdf", b"x"),)},
        "type": {"attachments": (Attachment("a.pdf", noise, b"x"),)},
        "from_": {"from_": f"{noise} <clinic@example.org>"},
    }
    content = written(letter(**added.get(place, {place: noise})))
    names = [
        line.split(b":")[0] for line in content.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]
    assert set(names) <= {
        b"",
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"Reply-To",
        b"List-Unsubscribe", b"Content-Type", b"MIME-Version",
    }  # fmt: skip


plain_text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@settings(max_examples=60)
@given(subject=plain_text, text=plain_text, html=plain_text)
def test_any_words_survive_the_journey(subject: str, text: str, html: str) -> None:
    content = outgoing(letter(subject=subject, text=f"{text}\n", html=f"{html}\n"), CLINIC).content
    message = email.message_from_bytes(content, policy=policy.default)
    plain, rich = message.iter_parts()
    assert words(plain) == f"{text}\n"
    assert words(rich) == f"{html}\n"
    assert " ".join(message["Subject"].split()) == " ".join(subject.split())
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
