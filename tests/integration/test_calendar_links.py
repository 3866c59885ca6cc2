"""Calendar links in the database: made, told again, changed, replaced, revoked; and sent to the patient."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.links import Shown, Whose
from clinic_scheduler.domain.calendars.values import DueWindow
from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.links import Links
from clinic_scheduler.models import CalendarFeed, Message, Patient, Reminder
from clinic_scheduler.queries.calendars.links import (
    feed_for_token,
    link_in_clinic,
    links_of_patient,
    told_token,
)
from clinic_scheduler.queries.calendars.rows import calendar_rows
from clinic_scheduler.services.calendars import feeds, link_sending
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import outbox
from tests.integration.house import House

LINKS = Links("https://clinic.example.org", ("new key",))
ROTATED = Links("https://clinic.example.org", ("newer key", "new key"))
HOST = "clinic.example.org"
CHANNELS = ("email", "sms")


def issue(house: House, *, links: Links = LINKS, shown: Shown | None = None, **whose: Any) -> tuple[int, str]:
    """(id, token) of a new link: the patient's, unless said whose."""
    subject = Whose(**(whose or {"kind": "patient", "patient_id": house.cast.patient_id}))

    def work(session: Session) -> tuple[int, str]:
        issued = feeds.issue(
            Change(session, house.cast.actor, house.now),
            subject,
            links.calendar_token,
            name="Phone",
            shown=shown,
        )
        return issued.feed.id, issued.token

    return house.change(work)


def found(house: House, token: str) -> Any:
    return house.look(lambda s: feed_for_token(s, token, HOST))


def sent(house: House, channel: str = "email", links: Links = LINKS) -> int:
    """As a press of the button: the link that can be told, or a new one, planned to go out."""

    def work(session: Session) -> int:
        actor, patient_id = house.cast.actor, house.cast.patient_id
        feed = feeds.link_to_send(Change(session, actor, house.now), patient_id, links.calendar_token)
        return link_sending.send(Change(session, actor, house.now), feed, channel).id

    return house.change(work)


def take_back(house: House, reminder_id: int) -> bool:
    return house.change(
        lambda s: link_sending.take_back(Change(s, house.cast.actor, house.now), reminder_id) is not None
    )


def notifications(house: House) -> list[tuple[Any, ...]]:
    """(feed, channel, state, why) of each planned notification."""
    columns = (Reminder.calendar_feed_id, Reminder.channel, Reminder.state, Reminder.suppressed_reason)
    wanted = select(*columns).where(Reminder.kind == "calendar_link").order_by(Reminder.id)
    return [tuple(row) for row in house.rows(wanted)]


def test_a_link_shows_its_subject_until_it_is_revoked(house: House) -> None:
    feed_id, token = issue(house)
    feed = found(house, token)
    assert (feed.subject.patient_id, feed.subject.provider_id, feed.revoked_at) == (
        house.cast.patient_id,
        None,
        None,
    )
    assert DueWindow in {type(row) for row in house.look(lambda s: calendar_rows(s, feed.subject, house.now))}
    assert found(house, token + "x") is None
    for _ in range(2):
        house.change(lambda s: feeds.revoke(Change(s, house.cast.actor, house.now), feed_id).id)
    assert found(house, token).revoked_at == house.now
    assert [action for action, _ in house.audit("calendar_feeds")] == ["issued", "revoked"]
    assert token not in repr(house.audit("calendar_feeds"))


def test_a_link_is_told_again_as_long_as_a_key_that_made_it_is_known(house: House) -> None:
    feed_id, token = issue(house)

    def told(links: Links) -> str | None:
        def look(session: Session) -> str | None:
            feed = link_in_clinic(session, house.cast.clinic_id, feed_id)
            assert feed.uid
            return told_token(feed, links.calendar_tokens(feed.uid))

        return house.look(look)

    assert told(LINKS) == told(ROTATED) == token
    assert told(Links("https://x", ("another key",))) is None
    assert found(house, token) is not None  # it still opens the calendar


def test_a_link_has_one_subject_of_the_actors_clinic(house: House) -> None:
    wrong: list[dict[str, Any]] = [
        {"kind": "patient"},
        {"kind": "patient", "provider_id": house.cast.provider_id},
        {"kind": "provider", "patient_id": house.cast.patient_id, "provider_id": house.cast.provider_id},
        {"kind": "clinic_day", "patient_id": house.cast.patient_id},
        {"kind": "room"},
    ]
    for whose in wrong:
        with pytest.raises(InvalidInput, match="patient's, a provider's or the clinic's"):
            issue(house, **whose)
    with pytest.raises(NotFound):
        issue(house, kind="provider", provider_id=999)
    with pytest.raises(InvalidInput, match="only a provider's"):
        issue(house, shown=Shown(all_clinics=True))
    with pytest.raises(InvalidInput, match="only a patient's calendar is written in another language"):
        issue(house, shown=Shown(language="es"), kind="provider", provider_id=house.cast.provider_id)
    with pytest.raises(InvalidInput, match="written in one of en, es"):
        issue(house, shown=Shown(language="fr"))
    for shown in ({"reveal": "all"}, {"cycles_ahead": 5}, {"cycles_ahead": -1}):
        with pytest.raises(InvalidInput, match="a calendar link"):
            Shown(**shown)  # type: ignore[arg-type]


def test_a_change_keeps_the_address_and_is_on_record(house: House) -> None:
    feed_id, token = issue(house)
    for _ in range(2):
        house.change(
            lambda s: (
                feeds.change(
                    Change(s, house.cast.actor, house.now), feed_id, name="Family calendar", cycles_ahead=2
                ).id
            )
        )
    assert found(house, token).subject.cycles_ahead == 2
    assert house.audit("calendar_feeds")[1:] == [("changed", {"cycles_ahead": 2})]


def test_a_link_has_a_name_that_fits(house: House) -> None:
    feed_id, _ = issue(house)

    def named(name: str) -> str:
        return house.change(
            lambda s: (
                feeds.change(Change(s, house.cast.actor, house.now), feed_id, name=name, cycles_ahead=0).name
            )
        )

    assert named(f" {'n' * 118} ") == "n" * 118
    assert named("n" * 120) == "n" * 120
    for name in (" ", "n" * 121):
        with pytest.raises(InvalidInput, match="needs a name of at most 120 characters"):
            named(name)


def test_a_replaced_link_hands_its_choices_to_the_new_one_and_is_revoked(house: House) -> None:
    old_id, old_token = issue(house, shown=Shown("full", alarms=True, cycles_ahead=3))

    def rotate(session: Session) -> int:
        return feeds.rotate(Change(session, house.cast.actor, house.now), old_id, LINKS.calendar_token).id

    new_id = house.change(rotate)
    new = house.row(CalendarFeed, new_id)
    assert (new["reveal"], new["alarms"], new["cycles_ahead"], new["name"]) == ("full", True, 3, "Phone")
    assert new["revoked_at"] is None
    assert found(house, old_token).revoked_at == house.now
    assert house.audit("calendar_feeds")[-1] == ("replaced", {"replaced_by": new_id})
    with pytest.raises(InvalidInput, match="was revoked"):
        house.change(rotate)


def test_the_newest_link_that_can_be_told_is_sent(house: House) -> None:
    issue(house)
    newest, _ = issue(house)
    sent(house)
    assert notifications(house) == [(newest, "email", "pending", None)]
    house.later(minutes=1)
    sent(house, links=ROTATED)  # under another key the message's words could not name the old ones
    assert notifications(house)[1][0] not in (1, newest)
    assert len(house.look(lambda s: links_of_patient(s, house.cast.patient_id))) == 3


def test_pressing_twice_within_a_minute_sends_once(house: House) -> None:
    first = sent(house)
    house.later(seconds=30)
    assert sent(house) == first
    sent(house, "sms")
    house.later(seconds=40)
    assert sent(house) != first
    assert [channel for _, channel, _, _ in notifications(house)] == ["email", "sms", "email"]
    row = house.row(Reminder, first)
    assert row["expires_at"] - row["due_at"] == timedelta(days=7)
    assert row["course_id"] is None
    assert house.look(lambda s: len(links_of_patient(s, house.cast.patient_id))) == 1


def test_a_sending_is_taken_back_until_a_worker_has_it_and_may_be_asked_for_again(house: House) -> None:
    reminder = sent(house)
    assert take_back(house, reminder)
    assert take_back(house, reminder)
    assert [state for _, _, state, _ in notifications(house)] == ["suppressed"]
    assert sent(house) == reminder
    assert [state for _, _, state, _ in notifications(house)] == ["pending"]

    house.change(lambda s: outbox.queue_due(s, house.now, CHANNELS, HOST, 50))
    assert [state for _, _, state, _ in notifications(house)] == ["queued"]
    assert take_back(house, reminder)
    assert house.rows(select(Message.state, Message.reason)) == [("suppressed", "taken_back")]

    house.later(minutes=2)
    late = sent(house)
    house.change(lambda s: outbox.queue_due(s, house.now, CHANNELS, HOST, 50))
    assert house.change(lambda s: outbox.claim(s, house.now)) is not None
    assert not take_back(house, late)


def test_a_revoked_link_is_not_sent_any_more(house: House) -> None:
    sent(house)
    house.change(lambda s: feeds.revoke(Change(s, house.cast.actor, house.now), 1).id)
    assert notifications(house) == [(1, "email", "suppressed", "link_stopped")]


def test_a_telling_of_no_course_is_judged_by_its_patient(house: House) -> None:
    sent(house)
    house.set(Patient, house.cast.patient_id, do_not_contact=True)
    house.change(lambda s: outbox.queue_due(s, house.now, CHANNELS, HOST, 50))
    assert notifications(house) == [(1, "email", "suppressed", "do_not_contact")]


def test_a_link_is_not_sent_where_there_is_no_address_or_no_leave(house: House) -> None:
    house.set(Patient, house.cast.patient_id, email=None)
    with pytest.raises(InvalidInput, match="no e-mail address"):
        sent(house)
    provider_link, _ = issue(house, kind="provider", provider_id=house.cast.provider_id)

    def send_providers(session: Session) -> None:
        feed = session.get_one(CalendarFeed, provider_link)
        link_sending.send(Change(session, house.cast.actor, house.now), feed, "email")

    with pytest.raises(InvalidInput, match="a patient's calendar link"):
        house.change(send_providers)
    with pytest.raises(NotFound):
        take_back(house, 999)
