"""flask drill-check, which the drill runs on what it restored: dates, links, sign-ins, and that nothing is sent."""

from dataclasses import replace
from datetime import datetime

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import reading, wiring
from clinic_scheduler.cli.recompute import differing_dates
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.links import OptOutLink, VisitLink
from clinic_scheduler.queries import drill
from clinic_scheduler.queries.calendars.links import told_token
from clinic_scheduler.queries.messaging.sending_hold import gap, sending_hold
from clinic_scheduler.senders.base import Envelope, HandOver, Receipt

_SHOWN = 200


class _Counting:
    """Takes everything and passes nothing on."""

    idempotent = False

    def __init__(self, channel: str) -> None:
        self.channel, self.name, self.taken = channel, "drill", 0

    def send(self, _envelope: Envelope, _hand_over: HandOver) -> Receipt:
        self.taken += 1
        return Receipt(None, "drill")

    def close(self) -> None:
        """Nothing is held open."""


@click.command("drill-check", hidden=True)
@pass_script_info
def drill_check(info: ScriptInfo) -> None:
    """Look at a restored copy as a drill does; status 1 where something is not as it was."""
    # No app context is held: requests would find in it what another one left there.
    app = info.load_app()
    now = app.extensions["clinic"].clock.now()
    with app.app_context(), reading() as session:
        dates = differing_dates(session, now)
        addresses, accounts = _addresses(session, now), drill.accounts(session)
    dead = [f"{what} does not open" for what, path in addresses if not _opens(app, path)]
    dead += ["a sign-in does not hold" for account in accounts if not _is_signed_in(app, account, now)]
    with app.app_context():
        sent = _sent(app)
        with reading() as session:
            held = sending_hold(session)
            waiting = sum(gap(session, held).values()) if held else 0
    click.echo(f"{len(dates)} difference{'s' if len(dates) != 1 else ''} of dates.")
    click.echo(f"{len(addresses)} links and {len(accounts)} sign-ins tried, {len(dead)} dead.")
    click.echo(f"{sent} messages sent; {waiting} wait for an answer.")
    if dates or dead or sent or held is None:
        raise click.ClickException("; ".join([*dates, *dead, *([] if held else ["sending is not held"])]))


def _addresses(session: Session, now: datetime) -> list[tuple[str, str]]:
    """(what it is, path)."""
    links = wiring().links
    found = [("a visit's link", links.visit(VisitLink(*visit))) for visit in drill.visits_ahead(session, now)]
    found += [
        ("an opt-out link", links.opt_out(OptOutLink(patient, "visits", "email")))
        for patient in drill.patient_ids(session)
    ]
    for feed in drill.open_feeds(session):
        token = told_token(feed, links.calendar_tokens(feed.uid or ""))
        if token is not None:
            found.append(("a calendar", links.calendar(token)))
    return [(what, address.removeprefix(links.base_url)) for what, address in found]


def _opens(app: Flask, path: str) -> bool:
    return _client(app).get(path).status_code == _SHOWN


def _is_signed_in(app: Flask, account: str, now: datetime) -> bool:
    client, at = _client(app), int(now.timestamp())
    with client.session_transaction(base_url=_base_url(app)) as browser:
        browser.update({"_user_id": account, "_fresh": True, "signed_in_at": at, "seen_at": at})
    return client.get("/work-list").status_code == _SHOWN


def _client(app: Flask) -> FlaskClient:
    """A browser that goes to the service's own address."""
    client = app.test_client()
    scheme, _, host = _base_url(app).partition("://")
    client.environ_base |= {"HTTP_HOST": host, "wsgi.url_scheme": scheme}
    return client


def _base_url(app: Flask) -> str:
    return str(app.extensions["clinic"].settings.base_url)


def _sent(app: Flask) -> int:
    """How many messages a worker would hand over now."""
    senders = {channel: _Counting(channel) for channel in ("email", "sms")}
    tools = replace(tools_of(app), senders=senders)
    for _ in range(2):
        dispatch(tools)
    return sum(sender.taken for sender in senders.values())
