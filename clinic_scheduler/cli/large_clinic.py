"""flask load-large-clinic: an invented clinic of very many patients, to try the service's speed with."""

from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from clinic_scheduler.cli.context import spelled, wiring, writing
from clinic_scheduler.seeding.large_clinic.build import NAME, Size, load
from clinic_scheduler.seeding.large_clinic.courses import MOST_TREATMENTS


@click.command("load-large-clinic")
@click.option("--patients", type=click.IntRange(1, 1_000_000), default=100_000, show_default=True)
@click.option("--courses", type=click.IntRange(1, 2_000_000), default=150_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other people.")
@click.option(
    "--treatments-per-course",
    "most_treatments",
    type=click.IntRange(1, MOST_TREATMENTS),
    default=MOST_TREATMENTS,
    show_default=True,
    help="At most so many; fewer load faster.",
)
@with_appcontext
def load_large_clinic(patients: int, courses: int, seed: int, most_treatments: int) -> None:
    """Add a clinic called Large Clinic, with 30 providers and as many invented patients as asked for.

    Added whole or not at all; interrupting leaves nothing behind. Nobody of this clinic is ever told anything.
    It takes a millisecond of processor time a patient, a minute and a half for 100,000; longer beside other work.
    """
    now, zone = wiring().clock.now(), ZoneInfo(wiring().settings.clinic_zone)
    with writing() as session, click.progressbar(length=patients, label=f"Loading {NAME}") as bar:
        for done in load(session, Size(patients, courses, seed, most_treatments), zone, now):
            bar.update(done - bar.pos)
    click.echo(f"{NAME}: {patients} patients, {courses} courses. To sign in there, add an account:")
    click.echo(f'  {spelled("staff add")} --clinic "{NAME}" --role admin --email ... --name ...')
