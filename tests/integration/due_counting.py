"""What the due list would show if it counted: from the rows of the list and the attempts about them, one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Clinic, Provider
from clinic_scheduler.queries.due.contact_attempts import tried
from clinic_scheduler.queries.due.rows import DueRow, due_rows, tab_counts
from clinic_scheduler.queries.due.tabs import STAFF_DECISION, TABS

# Beside the day itself: days on which a row may have come to stand otherwise by the day alone.
AHEAD = (0, 1, 9, 15, 40, 120)
TO_BOOK = ("overdue", "due", "due_soon")


def counted(session: Session, clinic_id: int, day: date, limit: int) -> dict[int | None, Counter[str]]:
    """By provider, None for all, and by tab, or by bucket where no tab is called so."""
    rows = due_rows(session, clinic_id, day)
    attempts = tried(session, [row.course_id for row in rows])
    found: dict[int | None, Counter[str]] = defaultdict(Counter)
    for row in rows:
        attempt = attempts.get(row.course_id)
        rests = attempt is not None and attempt.hide_until is not None and attempt.hide_until > day
        places = list(_places(row, rests))
        if attempt is not None and attempt.number >= limit and row.bucket in TO_BOOK:
            places.append(STAFF_DECISION)
        for whose in {None, row.provider_id}:
            found[whose].update(places)
    return found


def _places(row: DueRow, rests: bool) -> Iterator[str]:
    if row.bucket not in TABS:
        yield row.bucket
    for tab, buckets in TABS.items():
        if buckets is not None and row.bucket not in buckets:
            continue
        if tab == "contacted":
            if rests:
                yield tab
        elif not (rests and tab in ("to_book", "overdue", "due_soon")):
            yield tab


def miscounts(session: Session, clinic_id: int, today: date, ahead: Sequence[int] = AHEAD) -> Iterator[str]:
    """Where what is kept is not what is counted: on this day and so many days ahead, of all and of each provider."""
    limit = session.get_one(Clinic, clinic_id).contact_attempts_limit
    providers = session.scalars(select(Provider.id).where(Provider.clinic_id == clinic_id)).all()
    for day in (today + timedelta(n) for n in ahead):
        rows = counted(session, clinic_id, day, limit)
        for provider_id in (None, *providers):
            kept = Counter(tab_counts(session, clinic_id, day, provider_id, limit))
            for name in {*kept, *rows[provider_id]}:
                if kept[name] != rows[provider_id][name]:
                    yield (
                        f"{day}, provider {provider_id}: {name} is kept as {kept[name]}, "
                        f"there are {rows[provider_id][name]}"
                    )
