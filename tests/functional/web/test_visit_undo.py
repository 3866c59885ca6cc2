"""What happens to a visit from the schedule, and its taking back."""

from datetime import timedelta

from flask import Flask

from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.schedule_rows import actions, another, visits


def test_a_visit_moves_in_two_presses_and_back_with_undo(
    desk: Visitor, cast: factories.Cast, app: Flask, booked: int
) -> None:
    page = desk.get(f"/schedule?day=2026-11-24&move={booked}")
    shown = words(page)
    assert "Move to 10:30 with Dr Amara Reid" in shown  # its own time counts as free
    assert "Move to 10:15 with Dr Amara Reid" not in shown  # where it is
    assert "Stop moving" in shown
    assert "Dr Amara Reid Allowed" in shown
    slot = f"{cast.other_provider_id}_2026-11-24_10:30"
    assert f'name="slot" value="{slot}"' in page.text
    answer = desk.post(f"/appointments/{booked}/move-here", slot=slot, place="day_2026-11-24_")
    assert answer.location == "/schedule?day=2026-11-24"
    assert visits(app) == [("booked", "2026-11-24 10:30", cast.other_provider_id)]
    notice = desk.get(answer.location)
    assert "Moved OKONKWO" in words(notice)
    assert 'name="what" value="moved"' in notice.text
    back = desk.post(f"/appointments/{booked}/undo", what="moved", place="day_2026-11-24_")
    assert "Moved back OKONKWO" in words(desk.get(back.location))
    assert visits(app) == [("booked", "2026-11-24 10:15", cast.provider_id)]
    assert actions(app) == ["booked", "moved", "moved_back"]
    again = desk.post(f"/appointments/{booked}/undo", what="moved")
    assert again.status_code == 409
    assert "changed since it was moved. Nothing was changed" in words(again)


def test_moving_back_onto_a_time_taken_meanwhile_is_refused(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, booked: int
) -> None:
    desk.post(f"/appointments/{booked}/move-here", slot=f"{cast.provider_id}_2026-11-24_14:00")
    other = another(app, cast, clock, "Harris", 84)
    desk.post(f"/courses/{other}/book-slot", slot=f"{cast.provider_id}_2026-11-24_10:30", key="k")
    answer = desk.post(f"/appointments/{booked}/undo", what="moved")
    assert answer.status_code == 409
    assert "10:15 on 24-Nov-2026 was taken in the meantime" in words(answer)
    assert visits(app)[0][1] == "2026-11-24 14:00"


def test_arrived_is_two_presses_and_can_be_taken_back(desk: Visitor, app: Flask, booked: int) -> None:
    panel = desk.get(f"/schedule?day=2026-11-24&visit={booked}")
    assert "Born 14-Mar-1978 (48y)" in words(panel)
    assert 'aria-label="Arrived: OKONKWO, Adaeze"' in panel.text
    answer = desk.post(f"/appointments/{booked}/arrived", place="day_2026-11-24_")
    shown = desk.get(answer.location)
    assert "Arrived 09:00" in words(shown)
    assert "/courses/1/treatments/new" in shown.text
    desk.post(f"/appointments/{booked}/undo", what="arrived")
    assert visits(app)[0][0] == "booked"
    assert actions(app) == ["booked", "arrived", "arrived_undone"]
    assert desk.post(f"/appointments/{booked}/undo", what="arrived").status_code == 409


def test_a_cancelled_visit_is_booked_again_while_its_time_is_free(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, booked: int
) -> None:
    desk.post(f"/appointments/{booked}/cancel", reason="illness", place=f"week_2026-11-24_{cast.provider_id}")
    week = desk.get(f"/schedule/week?day=2026-11-24&provider={cast.provider_id}")
    assert "Cancelled OKONKWO" in words(week)
    assert "10:15 OKONKWO, Adaeze , Dr Amara Reid, illness" in words(week)
    assert "Book again" in words(desk.get(f"/schedule?day=2026-11-24&visit={booked}"))
    desk.post(f"/appointments/{booked}/undo", what="cancelled")
    assert visits(app) == [("booked", "2026-11-24 10:15", cast.provider_id)]
    desk.post(f"/appointments/{booked}/cancel", reason="illness")
    other = another(app, cast, clock, "Harris", 84)
    desk.post(f"/courses/{other}/book-slot", slot=f"{cast.provider_id}_2026-11-24_10:00", key="k")
    refused = desk.post(f"/appointments/{booked}/undo", what="cancelled")
    assert refused.status_code == 409
    assert "was taken in the meantime. Nothing was changed" in words(refused)


def test_a_missed_visit_is_reopened_on_its_day_only(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, booked: int
) -> None:
    clock.move(timedelta(hours=26))
    desk.sign_in()
    desk.post(f"/appointments/{booked}/no-show")
    desk.post(f"/appointments/{booked}/undo", what="noshow")
    assert visits(app)[0][0] == "booked"
    desk.post(f"/appointments/{booked}/no-show")
    clock.move(timedelta(hours=24))
    desk.sign_in()
    refused = desk.post(f"/appointments/{booked}/undo", what="noshow")
    assert refused.status_code == 409
    assert visits(app)[0][0] == "noshow"


def test_a_stale_page_allows_nothing_where_nothing_stands(provider: Visitor, app: Flask, booked: int) -> None:
    answer = provider.post(f"/appointments/{booked}/allow", **{"reason-too_early": "travel"})
    assert answer.status_code == 409
    assert "Nothing stands against this visit that is not allowed already. Nothing was changed." in words(
        answer
    )
    assert actions(app) == ["booked"]
