"""A request on every page it shows: asked by the desk, answered by a provider in two presses, and its outcome."""

from datetime import timedelta

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment, OverrideRequest
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.asking import DAY, LATER, ask, ask_to_move, booked
from tests.functional.web.conftest import Visitor, words


def visit(app: Flask) -> tuple[str, str | None, list[str]]:
    """(state, why cancelled, what is overridden) of the newest visit."""
    with app.app_context(), unit_of_work() as session:
        row = session.query(Appointment).order_by(Appointment.id.desc()).first()
        assert row is not None
        return row.state, row.cancel_reason, [each.reason for each in row.overrides]


def test_two_presses_allow_and_the_desk_is_told(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    assert ask(desk, cast, early).location == "/due"
    home = provider.get("/provider")
    assert "Asked of you: 1 request" in words(home)
    assert "GARRIDO, Lucia" in words(home)
    assert 'href="/requests/1"' in home.text
    page = provider.get("/requests/1")
    assert "Allow Tue 15-Dec-2026 09:00?" in words(page)
    assert "Front desk asked Dr Amara Reid on 23-Nov-2026" in words(page)
    assert "Day 43 after Botox" in words(page)
    assert "Away from January on" in words(page)
    answer = provider.post("/requests/1/allow", **{"reason-too_early": "travel", "note-too_early": ""})
    assert answer.location == "/provider"
    assert "Allowed GARRIDO, Lucia, Tue 15-Dec-2026 09:00" in words(provider.get("/provider"))
    assert "Asked of you" not in words(provider.get("/provider"))
    assert visit(app) == ("booked", None, ["travel"])
    listed = words(desk.get("/work-list"))
    assert "Provider allowed Tue 15-Dec-2026: GARRIDO, Lucia" in listed
    assert "The visit is booked." in listed
    line = "Booked on day 43: Travel (Provider)"
    for address in (
        f"/schedule?day={DAY}",
        f"/schedule?day={DAY}&visit=1",
        f"/schedule/week?day={DAY}&provider={cast.provider_id}",
        f"/provider?provider={cast.provider_id}",
        "/patients/2",
    ):
        assert line in words(desk.get(address)), address


def test_declining_takes_words_and_gives_the_time_back(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    ask(desk, cast, early)
    provider.get("/requests/1")
    refused = provider.post("/requests/1/decline")
    assert refused.status_code == 409
    assert "Write why in a few words" in words(refused)
    answer = provider.post("/requests/1/decline", **{"decline-note": "Too soon, see her in January"})
    assert answer.location == "/provider"
    assert visit(app) == ("cancelled", "not_allowed", [])
    listed = desk.get("/work-list")
    assert "Provider declined Tue 15-Dec-2026: GARRIDO, Lucia" in words(listed)
    assert "Too soon, see her in January" in words(listed)
    assert "back on the due list" in words(listed)
    assert f'href="/courses/{early}/book"' in listed.text
    assert "GARRIDO" not in words(desk.get(f"/schedule?day={DAY}"))
    assert "Not booked The provider decided against it" in words(desk.get("/patients/2"))


def test_while_it_waits_every_page_says_proposed(
    desk: Visitor, provider: Visitor, cast: factories.Cast, early: int
) -> None:
    ask(desk, cast, early)
    until = "Waiting for Dr Amara Reid until 24-Nov-2026"
    problems = desk.get("/due?tab=booking_problem")
    assert "Proposed 15-Dec-2026" in words(problems)
    assert until in words(problems)
    assert "Open the request" in words(problems)
    assert "Booked too early" not in words(problems)
    assert "Move the visit" not in problems.text
    assert "15-Dec-2026" not in desk.get("/due.csv?tab=all").text
    grid = words(desk.get(f"/schedule?day={DAY}&provider={cast.provider_id}"))
    assert "GARRIDO, Lucia Proposed" in grid
    assert "0 of" in grid
    assert "1 proposed" in grid
    panel = desk.get(f"/schedule?day={DAY}&visit=1")
    assert until in words(panel)
    assert "Arrived" not in words(panel)
    assert "Cancel the visit" not in words(panel)
    patient = words(desk.get("/patients/2"))
    assert "Tue 15-Dec-2026 09:00 Proposed" in patient
    assert until in patient
    listed = desk.get("/work-list")
    assert "Dr Amara Reid is asked: GARRIDO, Lucia" in words(listed)
    assert 'name="outcome"' not in listed.text
    assert "Upcoming visits No visits" in words(desk.get(f"/provider?provider={cast.provider_id}"))


def test_the_desk_sees_no_allow_and_may_take_the_question_back(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    ask(desk, cast, early)
    page = desk.get("/requests/1")
    assert "Only a provider answers" in words(page)
    assert "/requests/1/allow" not in page.text
    assert "/requests/1/decline" not in page.text
    assert desk.post("/requests/1/allow", **{"reason-too_early": "travel"}).status_code == 403
    assert desk.post("/requests/1/decline", **{"decline-note": "No"}).status_code == 403
    assert visit(app)[0] == "proposed"
    desk.get("/requests/1")
    assert desk.post("/requests/1/withdraw").location == "/due"
    assert visit(app) == ("cancelled", "question_withdrawn", [])
    # Whoever answers now comes too late, and is told so.
    provider.get("/provider")
    late = provider.post("/requests/1/allow", **{"reason-too_early": "travel"})
    assert late.status_code == 409
    assert "answered or ended meanwhile" in words(late)
    assert "Taken back" in words(late)


def test_another_clinics_request_is_not_found(
    provider: Visitor, desk: Visitor, cast: factories.Cast, app: Flask, early: int, other_cast: factories.Cast
) -> None:
    ask(desk, cast, early)
    with app.app_context(), unit_of_work() as session:
        session.get_one(OverrideRequest, 1).clinic_id = other_cast.clinic_id
    provider.get("/provider")
    assert provider.get("/requests/1").status_code == 404
    for what in ("allow", "decline", "withdraw"):
        assert provider.post(f"/requests/1/{what}", **{"decline-note": "No"}).status_code == 404


def test_nobody_answered_in_a_day(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int, clock: FrozenClock
) -> None:
    ask(desk, cast, early)
    clock.move(timedelta(days=1))
    provider.sign_in("provider")
    page = words(provider.get("/requests/1"))
    assert "Nobody answered in time" in page
    assert visit(app)[:2] == ("cancelled", "nobody_answered")


def test_several_blocks_are_reasons_to_choose_and_one_allowed_leaves_the_other(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        today = factories.local_day(clock.now())
        factories.hold(session, cast.actor, clock.now(), early, today)
    ask(desk, cast, early)
    page = provider.get("/requests/1")
    assert page.text.count('type="radio"') >= 4
    assert "The others stay standing" in words(page)
    nothing = provider.post("/requests/1/allow")
    assert nothing.status_code == 409
    assert "Choose a reason, or decline. Nothing was changed." in words(nothing)
    answer = provider.post("/requests/1/allow", **{"reason-too_early": "travel"})
    assert answer.location == "/requests/1"
    page = provider.get("/requests/1")
    assert "Allowed in part" in words(page)
    assert "Booked on day 43: Travel (Provider)" in words(page)
    assert visit(app)[0] == "proposed"
    provider.post("/requests/1/allow", **{"reason-on_hold": "reason_ended"})
    assert visit(app) == ("booked", None, ["travel", "reason_ended"])


def test_the_desk_asks_about_a_visit_that_has_become_a_problem(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, booked: int, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        today = factories.local_day(clock.now())
        factories.hold(session, cast.actor, clock.now(), cast.course_id, today)
    problems = desk.get("/due?tab=booking_problem")
    assert "Ask Dr Amara Reid" in words(problems)
    panel = desk.get(f"/schedule?day=2026-11-24&visit={booked}")
    assert "Ask Dr Amara Reid" in words(panel)
    answer = desk.post(
        f"/appointments/{booked}/ask",
        ask=cast.provider_id,
        question="Feels well again",
        place="day_2026-11-24_",
    )
    assert answer.location == f"/schedule?day=2026-11-24&visit={booked}"
    panel = words(desk.get(answer.location))
    assert "Asked OKONKWO, Adaeze" in panel
    assert "Waiting for Dr Amara Reid" in panel
    assert visit(app)[0] == "booked"
    provider.get("/requests/1")
    assert provider.post("/requests/1/allow", **{"reason-on_hold": "reason_ended"}).status_code == 302
    assert visit(app) == ("booked", None, ["reason_ended"])
    assert "Booked 1" in words(desk.get("/due"))


def test_a_move_is_asked_about_shown_everywhere_and_made_by_the_answer(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    booked(desk, cast, early)
    assert ask_to_move(desk, cast).location == f"/schedule?day={DAY}"
    day = words(desk.get(f"/schedule?day={DAY}&visit=2"))
    assert "Held until the provider answers; the visit stays where it is" in day
    assert "Proposed move" in day
    assert "Booked Mon 25-Jan-2027 10:00" in day
    assert "To move to Tue 15-Dec-2026" in words(desk.get(f"/schedule?day={LATER}&visit=1"))
    for address in ("/due?tab=booked", "/patients/2"):
        assert "Waiting for Dr Amara Reid until 24-Nov-2026 09:00" in words(desk.get(address)), address
    assert "Dr Amara Reid is asked about a move" in words(desk.get("/work-list"))
    home = words(provider.get("/provider"))
    assert "Tue 15-Dec-2026 09:00 Move from Mon 25-Jan-2027 10:00" in home
    page = words(provider.get("/requests/1"))
    assert "Move to Tue 15-Dec-2026 09:00?" in page
    assert "It stays there until you allow the move" in page
    provider.post("/requests/1/allow", **{"reason-too_early": "travel", "note-too_early": ""})
    assert "Booked on day 43: Travel (Provider)" in words(desk.get(f"/schedule?day={DAY}&visit=1"))
    assert "GARRIDO" not in words(desk.get(f"/schedule?day={LATER}"))
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Appointment.state, Appointment.local_date).order_by(Appointment.id).all()
        assert [(state, str(on)) for state, on in rows] == [("booked", DAY), ("cancelled", DAY)]


def test_a_declined_move_leaves_the_visit_and_says_so(
    desk: Visitor, provider: Visitor, cast: factories.Cast, early: int
) -> None:
    booked(desk, cast, early)
    ask_to_move(desk, cast)
    provider.post("/requests/1/decline", **{"decline-note": "Too soon"})
    listed = desk.get("/work-list")
    assert "The visit stays booked where it was" in words(listed)
    assert 'href="/appointments/1/move"' in listed.text
    assert "The visit stays booked where it was" in words(desk.get("/requests/1"))
    assert "GARRIDO" in words(desk.get(f"/schedule?day={LATER}"))
    assert "GARRIDO" not in words(desk.get(f"/schedule?day={DAY}"))


def test_a_time_of_the_schedule_that_is_refused_leads_to_the_question(
    desk: Visitor, cast: factories.Cast, early: int
) -> None:
    booked(desk, cast, early)
    table = desk.get(f"/schedule?day={DAY}&move=1")
    assert "Ask a provider to move to 09:00" in words(table)
    address = f"/appointments/1/move?provider={cast.provider_id}&amp;day={DAY}&amp;at=09:00"
    assert address in table.text
    dropped = desk.post("/appointments/1/move-here", slot=f"{cast.provider_id}_{DAY}_09:00", view="day")
    assert dropped.status_code == 409
    assert "Ask about 09:00" in words(dropped)
    panel = words(desk.get(address.replace("&amp;", "&")))
    assert "Wanted Tue 15-Dec-2026 09:00" in panel
    assert "Ask Dr Amara Reid and hold the time" in panel
