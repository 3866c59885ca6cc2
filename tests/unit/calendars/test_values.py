"""Rows and contact values that no reader could follow are refused where they are made."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from clinic_scheduler.domain.calendars.values import Revision

from .rows import CLINIC, CYCLE, FULL, MILESTONE, UPDATED, VISIT, WINDOW, visit


def test_unknown_status_is_refused() -> None:
    with pytest.raises(ValueError, match="status must be one of arrived, booked, cancelled"):
        visit(status="confirmed")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": "Jane Roe"}, "id must be"),
        ({"sequence": -1}, "sequence"),
        ({"starts_at": datetime(2026, 3, 10, 9)}, "starts_at must be a timezone-aware UTC"),  # noqa: DTZ001
        ({"updated_at": UPDATED.astimezone(tz=None).replace(tzinfo=None)}, "updated_at"),
        ({"ends_at": VISIT.starts_at}, "end after it starts"),
    ],
)
def test_visits_that_no_reader_could_follow_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        visit(**changes)


def test_empty_windows_and_backward_milestones_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        replace(WINDOW, overdue_date=WINDOW.earliest_date)
    with pytest.raises(ValueError, match="at least one day"):
        replace(CYCLE, overdue_date=CYCLE.earliest_date)
    with pytest.raises(ValueError, match="not end before it starts"):
        replace(MILESTONE, ends_on=MILESTONE.starts_on - timedelta(days=1))


def test_contact_and_reveal_values_are_checked() -> None:
    without_phone = replace(CLINIC, phone=" ", address="")
    assert without_phone.place == CLINIC.name
    with pytest.raises(ValueError, match="host name"):
        replace(CLINIC, uid_host="calendars.example.org\r\n")
    with pytest.raises(ValueError, match="must not be negative"):
        Revision(-1)
    with pytest.raises(ValueError, match="timezone-aware UTC"):
        Revision(1, datetime(2026, 3, 10, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="full_title"):
        replace(FULL, full_title="")


def test_a_visit_says_whether_it_was_called_off_and_a_row_counts_the_clinics_revision_in() -> None:
    assert not VISIT.called_off
    assert visit(status="cancelled").called_off
    assert Revision().counted_in(2, UPDATED) == (2, UPDATED)
    later = UPDATED + timedelta(hours=1)
    assert Revision(3, later).counted_in(2, UPDATED) == (5, later)


def test_a_fuller_title_is_told_only_after_the_reader_chose_it() -> None:
    assert FULL.title == FULL.full_title
    assert replace(FULL, reveal="neutral").title is None
