"""What every kind of calendar of a small clinic publishes, and whether it changed under a higher revision. No tests."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clinic_scheduler.calendars.feed import patient_feed, provider_feed, stopped_feed
from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER
from clinic_scheduler.domain.calendars.values import Audience, Subscription
from clinic_scheduler.queries.calendars.rows import Subject, calendar_rows, clinic_contact
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics, providers
from clinic_scheduler.services.practice.providers import ProviderEntry
from tests.integration.house import TODAY, House
from tests.unit.calendars.lint import lint, parse

FRIDAY = date(2026, 11, 27)
# Still the 22nd in the clinic's zone, and the 23rd in Auckland.
OPENED_AT = datetime(2026, 1, 23, 7, 30, tzinfo=UTC)


def subjects(house: House) -> list[Subject]:
    """Each kind of calendar of the cast's clinic, with all that a link may show."""
    cast = house.cast
    return [
        Subject(PATIENT, cast.clinic_id, patient_id=cast.patient_id, cycles_ahead=4),
        Subject(
            PROVIDER,
            cast.clinic_id,
            provider_id=cast.provider_id,
            cycles_ahead=2,
            all_clinics=True,
            due_windows=True,
            milestones=True,
            reviews=True,
        ),
        Subject(CLINIC_DAY, cast.clinic_id),
        Subject(DUE_WINDOWS, cast.clinic_id),
    ]


def bodies_of(house: House, subject: Subject) -> Iterator[bytes]:
    """The calendar at either level, and the notice there is once its link is stopped."""
    kind: Any = subject.kind
    feed = patient_feed if kind == PATIENT else provider_feed
    told = {
        "clinic": house.look(lambda s: clinic_contact(s, subject.clinic_id, "clinic.example.org")),
        "subscription": Subscription("feed-1", OPENED_AT),
    }
    rows = house.look(lambda s: calendar_rows(s, subject, house.now))
    for audience in (Audience(kind), Audience(kind, "full", "Injection visit")):
        yield feed(rows, now=house.now, audience=audience, alarm_before=timedelta(days=1), **told)
    yield stopped_feed(on=TODAY, updated_at=OPENED_AT, audience=Audience(kind), **told)


def published(house: House) -> dict[tuple[str, int, str], tuple[int, str, str]]:
    """(calendar, which of its bodies, UID) -> (SEQUENCE, LAST-MODIFIED, everything)."""
    seen = {}
    for subject in subjects(house):
        for number, body in enumerate(bodies_of(house, subject)):
            assert lint(body) == []
            for event in parse(body).parts("VEVENT"):
                stamps = int(event.one("SEQUENCE").value), event.one("LAST-MODIFIED").value
                seen[subject.kind, number, event.one("UID").value] = (*stamps, repr(event))
    return seen


def require_revised(before: dict[Any, Any], after: dict[Any, Any]) -> set[Any]:
    """Whatever reads otherwise is at a higher revision. Returns which do."""
    changed = set()
    for key in before.keys() & after.keys():
        (sequence, stamp, text), (new_sequence, new_stamp, new_text) = before[key], after[key]
        assert new_text == text or (new_sequence > sequence and new_stamp > stamp), key
        assert new_sequence >= sequence, key
        # The stamps stand in the text: what says more than they do has changed.
        if without_stamps(text) != without_stamps(new_text):
            changed.add(key)
    return changed


def without_stamps(text: str) -> str:
    return re.sub(r"name='(SEQUENCE|DTSTAMP|LAST-MODIFIED)', params='', value='\w+'", "", text)


def rename(house: House, provider_id: int, name: str, actor: Any = None) -> None:
    entry = ProviderEntry(name, "reid@example.org", 30, ())
    house.change(
        lambda s: providers.edit(Change(s, actor or house.cast.actor, house.now), provider_id, entry).id
    )


def change_clinic(house: House, actor: Any = None, **changes: str) -> None:
    house.change(lambda s: clinics.change_clinic(Change(s, actor or house.cast.actor, house.now), changes).id)


def change_address(house: House) -> None:
    rules = {"digest_email": None, "contact_attempts_limit": 4, "contact_rest_days": 5}
    house.change(
        lambda s: clinics.change_desk_rules(
            Change(s, house.cast.actor, house.now), address="2 Pier Road", **rules
        )
    )
