"""One status line for the next page about what was just done. Only ids go into the cookie, never a patient's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.visits.booking_checks import Check
from clinic_scheduler.domain.visits.kinds_and_states import OPEN_STATES
from clinic_scheduler.queries.courses.course_view import appointment_in_clinic
from clinic_scheduler.queries.schedule.busy_hours import busy_during
from clinic_scheduler.web.context import actor, reading, zone

_KEY = "notice"


@dataclass(frozen=True)
class Notice:
    """`kind` chooses the words in the template; `appointment` is the visit they are about, if any.

    `care` is what to look at in it: failed checks that did not stop it.

    What may be taken back: a logged contact, a closed work item, the sending of a calendar link, a reminder's stop.
    `joined`: sessions of an import that a new course took over.
    """

    kind: str
    appointment: Any = None
    care: Sequence[Check] = ()
    contact_id: int | None = None
    work_item_id: int | None = None
    reminder_id: int | None = None
    stopped_id: int | None = None
    joined: int | None = None


def leave(kind: str, appointment_id: int | None = None, **more: int | None) -> None:
    """`more`: contact_id, work_item_id, reminder_id or stopped_id of what may be taken back; or joined."""
    session[_KEY] = [kind, appointment_id, more]


def take() -> Notice | None:
    """The line left for this page, once."""
    left = session.pop(_KEY, None)
    if left is None:
        return None
    kind, appointment_id, more = left
    if appointment_id is None:
        return Notice(kind, **more)
    try:
        visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
        return Notice(
            kind, visit, busy_during(reading(), visit, zone()) if visit.state in OPEN_STATES else ()
        )
    except NotFound:
        return None
