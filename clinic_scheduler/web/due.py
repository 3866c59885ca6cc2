"""The due list, also as a file, and why a date is what it is."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.queries.courses.course_view import course_view
from clinic_scheduler.queries.due.contact_attempts import tried
from clinic_scheduler.queries.due.sorted_pages import due_page_sorted, due_rows_sorted
from clinic_scheduler.queries.due.visits_beside import visits_beside
from clinic_scheduler.services.audit import record
from clinic_scheduler.web.context import actor, changing, reading, today
from clinic_scheduler.web.csv_files import csv_answer, due_records
from clinic_scheduler.web.day_turn import bring_to_today
from clinic_scheduler.web.due_filter import ALL_TABS, SORT_WORDS, due_page_filter_asked_for
from clinic_scheduler.web.outage import silent_since
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.why import why_of
from clinic_scheduler.web.work_list import know_work_waiting

blueprint = Blueprint("due", __name__)


@blueprint.get("/")
@policy(*EVERYONE)
def home() -> ResponseReturnValue:
    """A provider's day begins with the own weeks, everybody else's with the due list."""
    return redirect(url_for("provider_home.home" if StaffRole.PROVIDER in actor().roles else "due.due_list"))


@blueprint.get("/due")
@policy(*EVERYONE)
def due_list() -> ResponseReturnValue:
    """?tab=, ?provider=, ?sort= and ?page=."""
    news = bring_to_today()
    clinic_id = actor().clinic_id
    place = due_page_filter_asked_for()
    found = due_page_sorted(reading(), clinic_id, today(), place.wanted, place.page)
    beside = visits_beside(reading(), [row.course_id for row in found.rows])
    know_work_waiting(news.open_work)
    return render_template(
        "due/list.html",
        found=found,
        at=place,
        tab=place.wanted.tab,
        tabs=ALL_TABS,
        sorts=SORT_WORDS,
        others=beside.others,
        waiting=beside.waiting,
        tried=tried(reading(), [row.course_id for row in found.rows]),
        providers=place.providers,
        provider_id=place.wanted.provider_id,
        out_since=silent_since(news.last_dispatch),
        rules_changed=news.rules_changed,
    )


@blueprint.get("/due.csv")
@policy(*WRITERS)
def due_csv() -> ResponseReturnValue:
    """The list as the same address without .csv shows it, all pages of it."""
    bring_to_today()
    who, place, day = actor(), due_page_filter_asked_for(), today()
    with changing() as change:
        record(
            change, "exported", "due_list", None, tab=place.wanted.tab, provider_id=place.wanted.provider_id
        )
    rows = due_rows_sorted(reading(), who.clinic_id, day, place.wanted)
    return csv_answer("due-list.csv", due_records(reading(), rows, day))


@blueprint.get("/courses/<int:course_id>/why")
@policy(*EVERYONE)
def why(course_id: int) -> ResponseReturnValue:
    """DD-15: what to say, what blocks it, every date with its rule, and every treatment with its judgement."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    return render_template("due/why.html", view=view, why=why_of(view, today()))
