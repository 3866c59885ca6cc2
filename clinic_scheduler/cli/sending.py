"""flask sending: whether sending is held, what falls in the gap, and the answer for it."""

from collections.abc import Sequence

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import reading, spelled, terminal, wiring, writing
from clinic_scheduler.domain.errors import ActionRefused
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.sending_holds import REASON_WORDS, GapAnswer, Here, marks_of
from clinic_scheduler.queries.messaging.sending_hold import gap, sending_hold
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.sending_hold import answer

ALL = "all"
# It is about all of them; each has it on record.
_NO_CLINIC = 0
_KINDS = click.Choice([*KINDS, ALL])


@click.command()
@click.option(
    "--send", "to_send", multiple=True, type=_KINDS, help="Send this kind, or all others; may be repeated."
)
@click.option(
    "--drop", "to_drop", multiple=True, type=_KINDS, help="Drop this kind, or all others; may be repeated."
)
@with_appcontext
def sending(to_send: tuple[str, ...], to_drop: tuple[str, ...]) -> None:
    """Say whether sending is held and what may have gone out already; with --send or --drop, answer for it.

    Sending is held after a restore, and from a database that is not this installation's own.
    """
    if to_send or to_drop:
        _answer(_answers(to_send, to_drop))
        return
    with reading() as session:
        for line in _lines(session):
            click.echo(line)


def _answer(answers: dict[str, GapAnswer]) -> None:
    place = wiring()
    here = Here(marks_of(place.links.keys), place.settings.base_url)
    try:
        with writing() as session:
            counts = answer(Change(session, terminal(_NO_CLINIC), place.clock.now()), here, answers)
    except ActionRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{counts[GapAnswer.SEND]} to send, {counts[GapAnswer.DROP]} dropped. Sending goes on.")


def _answers(to_send: Sequence[str], to_drop: Sequence[str]) -> dict[str, GapAnswer]:
    """What is named counts before what "all" says of the others."""
    if twice := set(to_send) & set(to_drop):
        raise click.UsageError(f"Named under both --send and --drop: {', '.join(sorted(twice))}.")
    answers = dict.fromkeys(KINDS, GapAnswer.SEND) if ALL in to_send else {}
    answers |= dict.fromkeys(KINDS, GapAnswer.DROP) if ALL in to_drop else {}
    answers |= {kind: GapAnswer.SEND for kind in to_send if kind != ALL}
    return answers | {kind: GapAnswer.DROP for kind in to_drop if kind != ALL}


def _lines(session: Session) -> Sequence[str]:
    held = sending_hold(session)
    if held is None:
        return ["Sending goes on."]
    found = gap(session, held)
    number = sum(found.values())
    return [
        f"Sending is held since {held.since:%Y-%m-%d %H:%M} UTC. {REASON_WORDS[held.reason]}",
        f"{number} message{'s fall' if number != 1 else ' falls'} in the gap; they may have gone out already.",
        *(f"  {kind}: {count}" for kind, count in found.items()),
        f"Answer for them: {spelled('sending --send all')}, --drop all, or by kind.",
    ]
