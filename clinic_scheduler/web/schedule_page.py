"""What the schedule's day and week show: the table, and beside it the panel of a visit, a free time or a move."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request

from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.booking_checks import Check, Stop
from clinic_scheduler.domain.visits.kinds_and_states import (
    HELD_STATES,
    NEVER_BOOKED,
    OPEN_STATES,
    ConsultationOutcome,
    VisitKind,
    VisitState,
)
from clinic_scheduler.queries.courses.course_view import (
    active_providers,
    appointment_in_clinic,
    course_view,
)
from clinic_scheduler.queries.courses.visits_of_courses import goes_on_elsewhere, open_injection
from clinic_scheduler.queries.schedule.busy_hours import busy_checks, busy_during, count_in_busy_hours
from clinic_scheduler.queries.schedule.cells import Grid, OpenTime
from clinic_scheduler.queries.schedule.closed_days import count_on_closed_days
from clinic_scheduler.queries.schedule.gap_fill import best_fits
from clinic_scheduler.queries.schedule.grid import day_grid, free_beside, week_grid
from clinic_scheduler.queries.schedule.override_lines import override_lines, shown
from clinic_scheduler.queries.schedule.override_requests import visit_replaced, waiting_by_visit
from clinic_scheduler.services.visits.booking_rules import booking_checks, checks_by_day
from clinic_scheduler.services.visits.undo import may_reopen
from clinic_scheduler.web.checks_shown import not_overridden, standing, whom_to_ask
from clinic_scheduler.web.context import actor, may_write, now, reading, today, zone
from clinic_scheduler.web.forms.booking import CancelForm, MoveForm
from clinic_scheduler.web.schedule_filter import ScheduleFilter, open_time
from clinic_scheduler.web.urls import asked_key

Problems = Sequence[tuple[str, str]]


def show_asked(place: ScheduleFilter) -> str:
    """The page with the panel that the address asks for, if it asks for one."""
    clinic_id = actor().clinic_id
    if may_write() and (moved := asked_key("move")):
        return show_move(place, appointment_in_clinic(reading(), clinic_id, moved))
    if may_write() and (token := request.args.get("slot")):
        return _show(place, panel="slot", **_gap(open_time(token)))
    if key := asked_key("visit"):
        return _show(place, panel="visit", **_visit(appointment_in_clinic(reading(), clinic_id, key)))
    return _show(place)


def show_move(
    place: ScheduleFilter,
    visit: Any,
    form: MoveForm | None = None,
    problems: Problems = (),
    wanted: OpenTime | None = None,
) -> str:
    """The page with its free times as places to move `visit` to; `wanted`: one that was refused.

    Where only a provider may allow the day, the desk's times lead to the question.
    """
    if visit.state not in OPEN_STATES:
        return _show(place, panel="visit", **_visit(visit))
    grid = _grid(place, visit)
    days = {column.day for column in grid.columns} | {place.day}
    checks = checks_by_day(reading(), visit.course, days, zone(), now()) if _is_injection(visit) else {}
    return _show(
        place,
        grid,
        panel="move",
        visit=visit,
        moving=visit,
        form=form or MoveForm(),
        verdicts={day: verdict(found) for day, found in checks.items()},
        standing=standing(checks.get(place.day, [])),
        problems=list(problems),
        wanted=wanted,
    )


def show_visit(place: ScheduleFilter, visit: Any, problems: Problems, *, into_injection: bool = False) -> str:
    """The page with the visit's own panel, after something was refused for it; with `into_injection`, as that."""
    return _show(place, panel="visit", problems=list(problems), **_visit(visit, into_injection))


def show_taken(place: ScheduleFilter, course_id: int, wanted: OpenTime, message: str) -> str:
    """A booking that was refused: what was wanted, whose it was, and what is free beside it."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    return _show(
        place,
        panel="taken",
        problems=[("panel", message)],
        view=view,
        wanted=wanted,
        slots=free_beside(reading(), view.course, wanted, now()),
        standing=standing(
            booking_checks(reading(), view.course, wanted.day, zone(), now())
            + busy_checks(reading(), wanted.provider_id, wanted.day, zone())
        ),
        key=request.form.get("key") or secrets.token_urlsafe(16),
    )


def verdict(checks: Sequence[Check]) -> tuple[str, str]:
    """(tone, words) of a day for a course: ok, warn, reason (the desk's), early (a provider decides) or bad."""
    failed = [check for check in checks if not check.ok]
    for stop, tone in (
        (Stop.HARD, "bad"),
        (Stop.PROVIDER, "early"),
        (Stop.REASON, "reason"),
        (Stop.SOFT, "warn"),
    ):
        for check in failed:
            if check.stop == stop:
                return tone, check.text
    return "ok", "Allowed"


def instant(wanted: OpenTime) -> datetime:
    return to_utc(wanted.day, wanted.at, zone())


def _show(place: ScheduleFilter, grid: Grid | None = None, panel: str = "", **more: Any) -> str:
    return render_template(
        "schedule/page.html",
        place=place,
        grid=grid or _grid(place),
        panel=panel,
        providers=active_providers(reading(), actor().clinic_id),
        on_closed_days=count_on_closed_days(reading(), actor().clinic_id, today()),
        in_busy_hours=count_in_busy_hours(reading(), actor().clinic_id, now()),
        **{"problems": [], "moving": None, "verdicts": {}, **more},
    )


def _grid(place: ScheduleFilter, moving: Any = None) -> Grid:
    clinic_id = actor().clinic_id
    if place.view == "week" and place.provider_id is not None:
        return week_grid(reading(), clinic_id, place.provider_id, place.monday, now(), moving=moving)
    return day_grid(reading(), clinic_id, place.day, now(), provider_id=place.provider_id, moving=moving)


def _visit(visit: Any, into_injection: bool = False) -> dict[str, Any]:
    ahead = visit.state in (*HELD_STATES, VisitState.PENDING) and visit.local_date >= today()
    evaluated = ahead and (into_injection or _is_injection(visit))
    checks = booking_checks(reading(), visit.course, visit.local_date, zone(), now()) if evaluated else []
    return {
        "visit": visit,
        "lines": override_lines(reading(), visit.clinic_id, shown([visit])).get(visit.id, []),
        "standing": standing(
            [
                *not_overridden(checks, visit),
                *(busy_during(reading(), visit, zone()) if ahead else []),
            ]
        ),
        "replaces": visit_replaced(reading(), visit),
        "never_booked": NEVER_BOOKED,
        "waiting": waiting_by_visit(reading(), [visit.id]).get(visit.id),
        "asked_provider": whom_to_ask(visit.course.provider_id, visit.provider_id),
        "form": CancelForm(),
        "may_reopen": may_reopen(visit, today()),
        "into_injection": into_injection and not _is_injection(visit),
        "injection": open_injection(reading(), visit.course_id),
        "goes_on_elsewhere": goes_on_elsewhere(reading(), visit.course),
        "outcomes": labels(ConsultationOutcome),
    }


def _is_injection(visit: Any) -> bool:
    return bool(visit.kind == VisitKind.INJECTION)


def _gap(wanted: OpenTime) -> dict[str, Any]:
    fits = best_fits(reading(), actor().clinic_id, wanted, instant(wanted), now())
    return {"wanted": wanted, "fits": fits, "key": secrets.token_urlsafe(12)}
