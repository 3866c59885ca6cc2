"""What a visit's tellings so far say of the entry in a patient's calendar."""

from typing import Any

import pytest

from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import (
    INVITATION,
    VisitNotification,
    booking_owed,
    entry_is_old,
    has_entry,
    told_at,
    was_tried,
)

PAT = "pat@example.org"


def notification(kind: str = "visit_booked", sequence: int = 1, **changes: Any) -> VisitNotification:
    values: dict[str, Any] = {
        "id": sequence,
        "kind": kind,
        "step": INVITATION,
        "key": DispatchKey.of_visit(7, kind, "email", sequence),
        "state": "sent",
        "reason": None,
        "message_state": "sent",
        "maybe_sent": False,
        "address": PAT,
    }
    return VisitNotification(**values | changes)


@pytest.mark.parametrize(
    ("changes", "perhaps", "surely"),
    [
        ({}, True, True),
        ({"message_state": "uncertain"}, True, True),
        ({"message_state": "sending"}, True, False),
        ({"message_state": "sending", "maybe_sent": True}, True, True),
        ({"message_state": "suppressed"}, False, False),
        ({"message_state": "failed", "maybe_sent": True}, False, False),
        ({"message_state": None}, False, False),
        ({"step": "visit_booked"}, False, False),
        ({"address": "old@example.org"}, False, False),
    ],
)
def test_an_invitation_that_reached_this_address_is_an_entry(
    changes: dict[str, Any], perhaps: bool, surely: bool
) -> None:
    found = [notification(**changes)]
    assert (has_entry(found, PAT), has_entry(found, PAT, surely=True)) == (perhaps, surely)


def test_a_cancel_takes_the_entry_away_and_a_later_request_brings_it_back() -> None:
    told = [notification(), notification("visit_cancelled", 2)]
    assert not has_entry(told, PAT)
    assert has_entry([*told, notification("visit_moved", 3)], PAT)
    assert not has_entry([], PAT)


def test_what_bounced_was_tried_and_what_was_held_back_was_not() -> None:
    assert was_tried([notification(message_state="failed")], PAT)
    held_back = notification(message_state="suppressed")
    assert not was_tried([held_back], PAT)
    assert was_tried([notification(message_state="failed"), held_back], PAT)
    assert not was_tried([], PAT)


def test_a_telling_is_of_the_visit_as_it_stood_also_where_it_went_to_a_second_address() -> None:
    again = notification(sequence=1, key=DispatchKey.of_visit(7, "visit_booked", "email", 1).again_after(12))
    assert told_at([again], 1)
    assert told_at([again, notification(sequence=2)], 1)
    assert not told_at([again], 12)
    assert not told_at([notification(state="suppressed")], 1)


def test_a_booking_is_owed_until_anything_was_told() -> None:
    withdrawn = notification(state="suppressed", reason="moved", message_state=None)
    assert booking_owed([withdrawn], ("moved",))
    assert booking_owed([withdrawn, notification("visit_moved", 2, state="suppressed")], ("moved",))
    assert not booking_owed([withdrawn], ("cancelled",))
    assert not booking_owed([withdrawn, notification("visit_moved", 2)], ("moved",))


def test_a_key_names_the_visit_what_was_done_the_channel_and_the_sequence() -> None:
    assert str(DispatchKey.of_visit(7, "visit_moved", "email", 3)) == "7:visit_moved:email:3"


@pytest.mark.parametrize(
    ("sequence", "old"),
    [(1, False), (2, False), (3, True)],
)
def test_an_entry_is_old_once_the_visit_has_gone_on_from_the_newest_that_was_tried(
    sequence: int, old: bool
) -> None:
    told = [
        notification(),
        notification("visit_moved", 2),
        notification("visit_moved", 3, message_state="suppressed"),
    ]
    assert entry_is_old(told, PAT, sequence) is old
    assert not entry_is_old([], PAT, sequence)
    assert not entry_is_old([*told, notification("visit_cancelled", 2)], PAT, sequence)
