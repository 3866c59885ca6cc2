"""Whether a notification may go out now: each reason against it, quiet hours, the limit on texts, and trying again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic_scheduler.domain.calendars.values import Visit
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.messaging.dispatch_rules import (
    FIRST_BACK_OFF,
    LONGEST_BACK_OFF,
    ClinicFacts,
    Notification,
    Stop,
    Wait,
    back_off,
    judge,
)
from clinic_scheduler.domain.messaging.kinds import (
    AFTER_VISIT,
    CALENDAR_LINK,
    KINDS,
    MISSED_VISIT,
    OVERDUE,
    TIME_TO_BOOK,
    VISIT_CANCELLED,
    VISIT_MOVED,
    VISIT_REMINDER,
)
from clinic_scheduler.domain.messaging.reminder_rules import MOST_DAYS
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason as Why
from clinic_scheduler.domain.visits.kinds_and_states import VisitState

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)  # 10:00 on the clinic's wall
TODAY, DAY = date(2026, 11, 23), timedelta(days=1)
STARTS = NOW + 3 * DAY
VISIT = Visit(
    id="v1",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=30),
    zone=ZONE.key,
    status=VisitState.BOOKED,
    sequence=1,
    updated_at=NOW - DAY,
    provider_name="Dr Amara Reid",
    reference="R-1",
    course_id="c1",
)


def notification(kind: str = VISIT_REMINDER, **changes: Any) -> Notification:
    """One against which nothing stands; `visit_is` is the state of its visit, None for a visit that is gone."""
    status = changes.pop("visit_is", VisitState.BOOKED)
    usual = Notification(
        kind=kind,
        channel="email",
        expires_at=STARTS,
        clinic=ClinicFacts("Harbor Neurology", "+12065550100", "desk@example.org", "1 Pier Road", ZONE),
        given_name="Adaeze",
        address="adaeze@example.org",
        earliest_date=TODAY,
        overdue_date=TODAY,
        holds=(),
        silenced=None,
        visit=None if status is None else replace(VISIT, status=status),
        has_open_visit=False,
        patient_id=1,
        appointment_id=1,
        step=KINDS[kind].step or kind,
        language="en",
        zone=ZONE,
        purpose=KINDS[kind].purpose,
        calendar_feed_uid=None,
    )
    return replace(usual, **changes)


def verdict(kind: str = VISIT_REMINDER, now: datetime = NOW, **changes: Any) -> Stop | Wait | None:
    return judge(notification(kind, **changes), now, {"email", "sms"})


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (VISIT_REMINDER, {}),
        (VISIT_MOVED, {}),
        (VISIT_CANCELLED, {"visit_is": VisitState.CANCELLED}),
        (MISSED_VISIT, {"visit_is": VisitState.NOSHOW}),
        (TIME_TO_BOOK, {"visit_is": None}),
        (TIME_TO_BOOK, {"visit_is": None, "earliest_date": TODAY + MOST_DAYS * DAY}),
        (OVERDUE, {"visit_is": None}),
        (AFTER_VISIT, {"visit_is": None}),
        (CALENDAR_LINK, {"visit_is": None}),
        # A hold silences what the calendar tells, and only on its days.
        (VISIT_MOVED, {"holds": (Hold(TODAY, TODAY),)}),
        (VISIT_REMINDER, {"holds": (Hold(TODAY + DAY, None), Hold(TODAY - DAY, TODAY - DAY))}),
        # An entry in a calendar goes, whatever other visit there is.
        (
            VISIT_CANCELLED,
            {"visit_is": VisitState.CANCELLED, "has_open_visit": True, "invitation": "CANCEL"},
        ),
    ],
)
def test_what_still_holds_goes_out(kind: str, changes: dict[str, Any]) -> None:
    assert verdict(kind, **changes) is None


@pytest.mark.parametrize(
    ("kind", "changes", "why"),
    [
        (VISIT_REMINDER, {"expires_at": NOW}, Why.EXPIRED),
        (VISIT_REMINDER, {"silenced": Why.DECEASED, "told_elsewhere": True}, Why.DECEASED),
        (VISIT_REMINDER, {"told_elsewhere": True, "overtaken": True}, Why.ALREADY_TOLD),
        (VISIT_REMINDER, {"overtaken": True}, Why.OVERTAKEN),
        (VISIT_REMINDER, {"holds": (Hold(TODAY, TODAY),)}, Why.ON_HOLD),
        (VISIT_REMINDER, {"visit_is": None}, Why.NO_VISIT),
        (VISIT_REMINDER, {"visit_is": VisitState.ARRIVED}, Why.ARRIVED),
        (VISIT_REMINDER, {"visit_is": VisitState.PENDING}, Why.PENDING),
        (VISIT_MOVED, {"expires_at": STARTS + DAY}, Why.MOVED),
        (VISIT_CANCELLED, {}, Why.BOOKED),
        (VISIT_CANCELLED, {"visit_is": VisitState.CANCELLED, "has_open_visit": True}, Why.BOOKED),
        (MISSED_VISIT, {"visit_is": VisitState.FULFILLED}, Why.FULFILLED),
        (MISSED_VISIT, {"visit_is": VisitState.NOSHOW, "has_open_visit": True}, Why.BOOKED),
        (TIME_TO_BOOK, {"has_open_visit": True}, Why.BOOKED),
        (TIME_TO_BOOK, {"cycle_over": True}, Why.TREATED),
        (TIME_TO_BOOK, {"earliest_date": TODAY + (MOST_DAYS + 1) * DAY}, Why.NOT_DUE),
        (OVERDUE, {"overdue_date": TODAY + DAY}, Why.NOT_DUE),
        (AFTER_VISIT, {"cycle_over": True}, Why.CYCLE_OVER),
        (CALENDAR_LINK, {"address": None}, Why.NO_ADDRESS),
        (CALENDAR_LINK, {"agreed": False}, Why.OPTED_OUT),
        (CALENDAR_LINK, {"channel": "pigeon"}, Why.NO_SENDER),
    ],
)
def test_what_does_not_hold_any_more_is_never_told(kind: str, changes: dict[str, Any], why: Why) -> None:
    assert verdict(kind, **changes) == Stop(why)


NIGHT = datetime(2026, 11, 24, 6, tzinfo=UTC)  # 22:00 the evening before
MORNING = datetime(2026, 11, 24, 17, tzinfo=UTC)  # 9:00, the first hour that is not quiet


def test_nobody_is_told_at_night() -> None:
    waits = verdict(now=NIGHT)
    assert isinstance(waits, Wait)
    assert waits.until == MORNING
    assert verdict(now=MORNING) is None
    assert verdict(CALENDAR_LINK, now=NIGHT, expires_at=MORNING) == Stop(Why.EXPIRED)


def test_one_text_a_day_and_three_a_week() -> None:
    texted = {"channel": "sms", "address": "+12065550123"}
    assert verdict(**texted, texts=(NOW - DAY,)) is None
    tomorrow = verdict(**texted, texts=(NOW - timedelta(hours=1),))
    assert isinstance(tomorrow, Wait)
    assert tomorrow.until.astimezone(ZONE).date() == TODAY + DAY
    three = tuple(NOW - n * DAY for n in (1, 2, 3))
    assert verdict(**texted, texts=three) == Stop(Why.TOO_MANY_TEXTS)
    # A letter is no text, and who sleeps until it is over would have had no text at any rate.
    assert verdict(texts=three) is None
    assert verdict(CALENDAR_LINK, **texted, now=NIGHT, texts=three, expires_at=MORNING) == Stop(Why.EXPIRED)


@pytest.mark.parametrize("jitter", [0, 0.5, 1])
def test_a_try_is_put_off_longer_each_time_and_an_hour_at_most(jitter: float) -> None:
    waits = [back_off(attempt, jitter) for attempt in range(40)]
    assert waits[0] == waits[1] == FIRST_BACK_OFF * (0.5 + jitter / 2)
    assert waits[2] == 2 * waits[1]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_BACK_OFF * (0.5 + jitter / 2)
