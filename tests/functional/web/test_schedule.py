"""The schedule: its table, gaps filled from it, and who may see or move what."""

import re
from datetime import time, timedelta

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import ContactAttempt, Course, ProcedureLength
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.schedule_rows import TODAY, TOMORROW, another, visits


def test_the_day_is_a_table_of_providers_by_quarter_hours(desk: Visitor, booked: int) -> None:
    page = desk.get("/schedule?day=2026-11-24")
    assert re.search(r'<th scope="col"[^>]*>\s*Dr Amara Reid', page.text)
    assert re.search(r'<th scope="row"><span>09:00</span></th>', page.text)
    assert re.search(r'<td class="visits "\s+rowspan="2"', page.text)
    shown = words(page)
    assert "OKONKWO, Adaeze Booked 10:15, Chronic migraine" in shown
    assert "Book 09:45 with Dr Amara Reid" in shown
    assert "Book 10:00 with Dr Amara Reid" not in shown  # half an hour no longer fits
    assert "Book 10:15 with Dr Ben Sato" in shown
    assert "No hours" in shown  # midday
    assert "Closed days" in shown


def test_past_times_are_not_offered(desk: Visitor, clock: FrozenClock) -> None:
    clock.move(timedelta(hours=2))
    desk.sign_in()
    shown = words(desk.get("/schedule"))
    assert "Book 11:00 with" not in shown
    assert "Book 11:15 with Dr Amara Reid" in shown


def test_one_provider_at_a_time(desk: Visitor, cast: factories.Cast, booked: int) -> None:
    shown = words(desk.get(f"/schedule?day=2026-11-24&provider={cast.other_provider_id}"))
    assert "OKONKWO" not in shown
    assert "with Dr Ben Sato" in shown
    assert "with Dr Amara Reid" not in shown
    assert "with Dr Amara Reid" in words(desk.get("/schedule?day=2026-11-24&provider=x9"))


def test_a_day_without_hours_says_so(desk: Visitor) -> None:
    assert "Nobody injects on this day. Go on to the next day" in words(desk.get("/schedule?day=2026-11-28"))


def test_the_week_shows_one_provider_and_how_full_each_day_is(
    desk: Visitor, cast: factories.Cast, booked: int
) -> None:
    page = desk.get(f"/schedule/week?day=2026-11-26&provider={cast.provider_id}")
    shown = words(page)
    assert "Week of 23-Nov-2026" in shown
    assert "Tue 24-Nov-2026 1 of 14 booked" in shown
    assert "Fri 27-Nov-2026 0 of 14 booked" in shown
    assert "Sat 28-Nov-2026" not in shown
    assert '<meter min="0" max="14" value="1"' in page.text
    assert "OKONKWO, Adaeze Booked" in shown
    assert "Dr Amara Reid, by day" in words(desk.get("/schedule/week"))  # the first by name


def test_a_gap_is_filled_in_two_presses_and_given_back_with_one(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    another(app, cast, clock, "Sparre", 100, cast.other_provider_id)
    late = another(app, cast, clock, "Harris", 95, cast.provider_id)
    another(app, cast, clock, "Early", 30, cast.provider_id)
    waited = another(app, cast, clock, "Waited", 95, cast.provider_id)
    with app.app_context(), unit_of_work() as session:
        session.add(
            ContactAttempt(
                clinic_id=cast.clinic_id,
                course_id=waited,
                at=clock.now(),
                channel="phone",
                outcome="left_message",
                hide_until=TODAY + timedelta(3),
            )
        )
    slot = f"{cast.provider_id}_2026-11-24_10:15"
    panel = words(desk.get(f"/schedule?day=2026-11-24&slot={slot}"))
    assert panel.index("HARRIS") < panel.index("OKONKWO") < panel.index("SPARRE")
    assert "EARLY" not in panel
    assert "WAITED" not in panel
    sent = {"slot": slot, "key": desk.key, "place": "day_2026-11-24_"}
    for _ in range(2):  # the same form twice books once
        answer = desk.post(f"/courses/{late}/book-slot", **sent)
        assert answer.location == "/schedule?day=2026-11-24"
    assert visits(app) == [("booked", "2026-11-24 10:15", cast.provider_id)]
    assert "Booked HARRIS" in words(desk.get(answer.location))
    assert (
        desk.post("/appointments/1/undo", what="booked", place="day_2026-11-24_").location == answer.location
    )
    assert visits(app)[0][0] == "cancelled"


def test_nobody_due_says_where_to_look(desk: Visitor, cast: factories.Cast, booked: int) -> None:
    slot = f"{cast.provider_id}_2026-11-24_14:00"
    assert "Nobody due fits this time" in words(desk.get(f"/schedule?day=2026-11-24&slot={slot}"))


def test_who_needs_a_longer_visit_is_not_offered_a_short_gap(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    slot = f"{cast.provider_id}_2026-11-24_11:30"
    address = f"/schedule?day=2026-11-24&slot={slot}"
    assert "OKONKWO" in words(desk.get(address))
    with app.app_context(), unit_of_work() as session:
        session.add(ProcedureLength(clinic_id=cast.clinic_id, indication=factories.MIGRAINE, minutes=45))
    assert "Nobody due fits this time" in words(desk.get(address))


def test_the_second_of_two_gets_what_is_free_beside(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, booked: int
) -> None:
    other = another(app, cast, clock, "Harris", 84, cast.provider_id)
    answer = desk.post(
        f"/courses/{other}/book-slot",
        slot=f"{cast.provider_id}_2026-11-24_10:15",
        key="k",
        place="day_2026-11-24_",
    )
    assert answer.status_code == 409
    shown = words(answer)
    assert "10:15 on 24-Nov-2026 is taken. Nothing was booked." in shown
    assert "Wanted Tue 24-Nov-2026 10:15, Dr Amara Reid" in shown
    assert "HARRIS, Adaeze" in shown
    assert "Tue 24-Nov-2026 10:15, Dr Ben Sato" in shown
    assert "Tue 24-Nov-2026 10:45, Dr Amara Reid" in shown
    assert 'name="key" value="k"' in answer.text
    assert len(visits(app)) == 1


def early(app: Flask, cast: factories.Cast) -> None:
    """From now on the cast's course may not be treated before 30-Nov."""
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, cast.course_id)
        course.personal_interval = "P13W"
        course.payer_minimum_interval = "P13W"


def test_days_before_the_earliest_are_refused_with_the_reason(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, booked: int
) -> None:
    early(app, cast)
    slot = f"{cast.provider_id}_2026-11-25_09:00"
    address = f"/schedule?day=2026-11-25&move={booked}"
    page = desk.get(address)
    assert "Not allowed. The earliest is Monday, November 30, 2026" in words(page)
    assert 'name="slot"' not in page.text
    refused = desk.post(f"/appointments/{booked}/move-here", slot=slot)
    assert refused.status_code == 409
    assert "Nothing was moved" in words(refused)
    offered = provider.get(address)
    assert "Needs a reason. The earliest is Monday, November 30, 2026" in words(offered)
    assert 'name="reason-too_early"' in offered.text
    assert f'value="{slot}"' in offered.text
    without = provider.post(f"/appointments/{booked}/move-here", slot=slot)
    assert without.status_code == 409
    unknown = provider.post(f"/appointments/{booked}/move-here", slot=slot, **{"reason-too_early": "hurry"})
    assert unknown.status_code == 422
    moved = provider.post(f"/appointments/{booked}/move-here", slot=slot, **{"reason-too_early": "travel"})
    assert moved.status_code == 302
    assert visits(app)[0][1] == "2026-11-25 09:00"


def test_whoever_reads_only_sees_and_changes_nothing(app: Flask, cast: factories.Cast, booked: int) -> None:
    reader = Visitor(app.test_client())
    reader.sign_in("read_only")
    for address in ("/schedule?day=2026-11-24", f"/schedule?day=2026-11-24&move={booked}"):
        page = reader.get(address)
        assert "OKONKWO" in words(page)
        assert "Book 09:00" not in words(page)
        assert "move-here" not in page.text
    assert "Arrived:" not in reader.get(f"/schedule?day=2026-11-24&visit={booked}").text
    slot = f"{cast.provider_id}_2026-11-24_14:00"
    assert reader.post(f"/appointments/{booked}/move-here", slot=slot).status_code == 403
    assert reader.post(f"/appointments/{booked}/undo", what="booked").status_code == 403
    assert reader.post(f"/courses/{cast.course_id}/book-slot", slot=slot).status_code == 403


def test_another_clinics_visits_and_times_are_not_found(
    desk: Visitor,
    cast: factories.Cast,
    other_cast: factories.Cast,
    app: Flask,
    clock: FrozenClock,
    booked: int,
) -> None:
    with app.app_context(), unit_of_work() as session:
        theirs = factories.book(
            session,
            other_cast.actor,
            clock.now(),
            other_cast.course_id,
            other_cast.provider_id,
            TOMORROW,
            time(9),
        ).id
    for address in (f"visit={theirs}", f"move={theirs}", f"slot={other_cast.provider_id}_2026-11-24_10:15"):
        assert desk.get(f"/schedule?day=2026-11-24&{address}").status_code == 404
    mine = f"{cast.provider_id}_2026-11-24_14:00"
    assert desk.post(f"/appointments/{theirs}/move-here", slot=mine).status_code == 404
    assert desk.post(f"/appointments/{theirs}/undo", what="moved").status_code == 404
    assert desk.post(f"/courses/{other_cast.course_id}/book-slot", slot=mine).status_code == 404
    their_time = f"{other_cast.provider_id}_2026-11-24_14:00"
    assert desk.post(f"/appointments/{booked}/move-here", slot=their_time).status_code == 404
    for nonsense in ("", "1_2", "x_2026-11-24_10:15", "1_2026-11-24_10:15+01:00", "1_9999-12-31_23:59"):
        assert desk.post(f"/appointments/{booked}/move-here", slot=nonsense).status_code == 404
    assert desk.post(f"/appointments/{booked}/undo", what="everything").status_code == 400


def test_a_number_no_column_holds_is_the_senders_fault(desk: Visitor, cast: factories.Cast) -> None:
    slot = f"{2**40}_2026-11-24_10:30"
    answer = desk.post(f"/courses/{cast.course_id}/book-slot", slot=slot, key="k")
    assert answer.status_code in (400, 404)
    assert "Something went wrong" not in words(answer)
