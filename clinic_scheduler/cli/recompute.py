"""flask recompute: whether the kept dates are what the rules say, and the due list's counts its courses'; mending."""

from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import plain_failures, reading, spelled, wiring, writing
from clinic_scheduler.db import read_one_moment, unit_of_work
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.jobs.adopt import adopt_clinics
from clinic_scheduler.queries.lookups import clinics
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.courses.forecasting import differences, refresh_clinic
from clinic_scheduler.services.due_counts import mend, wrong_sums


@click.command()
@click.option("--write", is_flag=True, help="Set right what differs.")
@with_appcontext
def recompute(write: bool) -> None:
    """Compute every course's dates anew and report any that differ from what is kept; there should be none.

    So too with the numbers the due list shows, which are kept and not counted for each page.

    With --write, dates kept by earlier rules are first brought to the newest, and what changed is in rule-changes.
    """
    now = wiring().clock.now()
    if write:
        with plain_failures():
            adopted = adopt_clinics(unit_of_work, now)
        if adopted:
            click.echo(f"Computed by the new rules. What changed: {spelled('rule-changes')}")
    with reading() as session:
        read_one_moment(session)
        found = differing_dates(session, now)
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} difference{'s' if len(found) != 1 else ''}")
    if found and write:
        with writing() as session:
            for clinic in clinics(session):
                refresh_clinic(session, clinic.id, local_date(now, clinic_zone(session, clinic.id)), now)
        with plain_failures(), unit_of_work(of_one_moment=True) as session:
            for clinic in clinics(session):
                mend(session, clinic.id, local_date(now, clinic_zone(session, clinic.id)))
        click.echo("Set right.")
    elif found:
        raise SystemExit(1)


def differing_dates(session: Session, now: datetime) -> list[str]:
    """A line for each kept date that is not what the rules say; none names a patient."""
    places = [(clinic.id, clinic_zone(session, clinic.id)) for clinic in clinics(session)]
    days = [(clinic_id, local_date(now, zone)) for clinic_id, zone in places]
    return [line for place in days for look in (differences, wrong_sums) for line in look(session, *place)]
