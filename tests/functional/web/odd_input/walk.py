"""Thousands of odd requests, chosen by a seed: every route by every role, and what should not have come back."""

import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.engine import Connection

from clinic_scheduler.db import db
from clinic_scheduler.domain.typed_text import is_one_line
from tests.functional.web.odd_input.pages import Offers, collect
from tests.functional.web.odd_input.requests import Asked, Route, odd_request, opened_by_token, sent
from tests.functional.web.odd_input.world import ROLES, WORKING, World, peopled

# After so many, the clinic is made anew: some of them close accounts.
ROUND = 500
# /healthz says that no worker was ever there, as it should.
MAY_BE_OUT_OF_ORDER = {"health.healthz"}
# Columns of text areas, of what patients write, of what was sent, and of what is no text.
OF_SEVERAL_LINES = {"notes", "note", "address", "postal_address", "question", "body", "text", "html", "sms"}


@dataclass
class Tally:
    """What came of it. `faults` are in words; `met` are (endpoint, method, role) that were asked."""

    requests: int = 0
    rounds: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    met: set[tuple[str, str, str]] = field(default_factory=set)

    def __str__(self) -> str:
        counted = ", ".join(f"{status} {count}x" for status, count in sorted(self.statuses.items()))
        return f"{self.requests} requests in {self.rounds} rounds: {counted}; faults: {len(self.faults)}"


def routes_of(app: Flask) -> list[Route]:
    """(rule, method), without what every route answers alike."""
    rules = app.url_map.iter_rules()
    return [
        (rule, method) for rule in rules for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def walk(app: Flask, empty: Callable[[], object], requests: int, seed: int) -> Tally:
    """So many requests; `empty` takes all rows out of the database. The same seed asks the same."""
    chance, tally, offers = random.Random(seed), Tally(), Offers()
    cards = _dealt(routes_of(app), chance)
    while tally.requests < requests:
        empty()
        world = peopled(app)
        if not offers.by_route:
            _collect(app, world, offers)
        tally.rounds += 1
        for _ in range(min(ROUND, requests - tally.requests)):
            route, role = next(cards)
            tally.met.add((route[0].endpoint, route[1], role))
            if not _ask(app, world, odd_request(route, role, offers, world.tokens, chance), tally):
                break
        tally.faults += unsound(app)
    return tally


def _collect(app: Flask, world: World, offers: Offers) -> None:
    for role in WORKING:
        collect(app, world.browsers[role].client, offers, ("/", *opened_by_token(world.tokens)))


def _dealt(routes: list[Route], chance: random.Random) -> Iterator[tuple[Route, str]]:
    """Every route for every role, in any order, again and again."""
    cards = [(route, role) for route in routes for role in ROLES]
    while True:
        chance.shuffle(cards)
        yield from cards


def _ask(app: Flask, world: World, asked: Asked, tally: Tally) -> bool:
    """False once the role can't sign in any more."""
    browser = world.browsers[asked.role]
    tally.requests += 1
    try:
        answer = sent(browser, asked)
    except Exception:
        tally.statuses[500] += 1
        tally.faults.append(f"{asked}\n{traceback.format_exc(limit=-6)}")
        return True
    tally.statuses[answer.status_code] += 1
    if answer.status_code >= 500 and asked.endpoint not in MAY_BE_OUT_OF_ORDER:
        tally.faults.append(f"{asked}\nwas answered {answer.status_code}")
    signed_out = (answer.location or "").startswith("/sign-in") and asked.role != ROLES[-1]
    return not signed_out or browser.sign_in(asked.role).status_code == 302


def unsound(app: Flask) -> list[str]:
    """What is in the database and should have been refused: a line break or a control character in one line."""
    with app.app_context(), db.engine.connect() as connection:
        return list(_unsound(connection))


def _unsound(connection: Connection) -> Iterator[str]:
    for table in db.metadata.sorted_tables:
        columns = [
            column
            for column in table.columns
            if type(column.type) is String and column.name not in OF_SEVERAL_LINES
        ]
        for row in connection.execute(select(*columns)) if columns else ():
            for column, value in zip(columns, row, strict=True):
                if value is not None and not is_one_line(value):
                    yield f"{table.name}.{column.name} holds {value!r}"
