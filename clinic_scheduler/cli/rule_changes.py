"""flask rule-changes: what a new edition of the date rules changed, a line a change, without names."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, reading
from clinic_scheduler.queries.lookups import clinics, only_clinic
from clinic_scheduler.queries.protocols.rule_changes import Changed, RuleChange
from clinic_scheduler.queries.protocols.rule_changes import rule_changes as found_changes


@click.command("rule-changes")
@CLINIC_OPTION
@with_appcontext
def rule_changes(clinic: str | None) -> None:
    """List what new date rules changed: MRN, course, what it was, what it is now, and why; the newest first."""
    with reading() as session:
        number = 0
        for line in _lines(session, clinic):
            click.echo(line)
            number += 1
    click.echo(f"{number} change{'s' if number != 1 else ''}")


def _lines(session: Session, name: str | None) -> Iterator[str]:
    for clinic in clinics(session) if name is None else [only_clinic(session, name)]:
        for course in found_changes(session, clinic.id):
            yield from (_line(course, change) for change in course.changed)


def _line(course: RuleChange, change: Changed) -> str:
    visit = f" of {course.booked_on}" if change.about == "booking" else ""
    said = f"{change.about}{visit} was {_value(change.before)}, is {_value(change.after)}"
    because = f": {' '.join(change.why)}" if change.why else ""
    return f"{course.mrn}  {course.indication}  {course.product}  {said}{because}"


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else " ".join(value) or "none"
