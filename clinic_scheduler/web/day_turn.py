"""What a worker does with a new day and with the due list's counts, before a page is shown where none has done it."""

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.queries.due.news import DueNews, due_news
from clinic_scheduler.services.courses.forecasting import refresh_turned
from clinic_scheduler.services.due_counts import fold
from clinic_scheduler.web.context import actor, now, reading, today


def bring_to_today() -> DueNews:
    """Compute what reads otherwise since a day has begun; most of the time that is one short question."""
    clinic_id, day = actor().clinic_id, today()
    news = due_news(reading(), clinic_id, day, now())
    left = news.turned
    while left:
        with unit_of_work() as session:
            left = refresh_turned(session, clinic_id, day, now()) > 0
    if news.unfolded:
        with unit_of_work() as session:
            fold(session, clinic_id, day)
    return news
