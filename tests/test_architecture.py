"""Holds the house in order: who may import whom, who may commit or read the clock, how large things grow.

The rules are the table in ROOMS; CONTRIBUTING.md says why. Each checker is also shown to fail.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from tests.rooms import ROOMS, Room

ROOT = Path(__file__).parent.parent
PACKAGE = "clinic_scheduler"
FILE_LINES = 300
FUNCTION_LINES = 60
# "path" or "path::function" -> the reason why this one may be larger. Empty is the aim.
LARGER_WITH_REASON: dict[str, str] = {}

CLOCK_READS = {"time.time", "time.time_ns", "datetime.date.today"}
CLOCK_READS |= {f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")}


@dataclass
class Source:
    """One Python file, parsed; `path` is relative to the root of the checkout."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def room(self) -> str:
        """The room this file is in: "" for the package's own __init__, which alone wires everything."""
        return self.module.removeprefix(PACKAGE).strip(".").split(".")[0]

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, full name) of everything imported, inside functions too; relative names made absolute."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = self._absolute(node)
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module if self.path.endswith("__init__.py") else self.module.rpartition(".")[0]
        parts = package.split(".")
        return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


# The checkers: each yields one sentence for every breach.
def forbidden_imports(source: Source) -> Iterator[str]:
    own = source.room
    rules = ROOMS.get(own)
    if own and rules is None:
        yield f"{source.path}: the room '{own}' has no row in ROOMS; every room needs one"
        return
    for line, name in source.imports:
        top, _, rest = name.partition(".")
        if top in {"config", "config_list"}:
            yield f"{source.path}:{line}: the package never imports config; settings come as arguments"
        elif rules and top == PACKAGE and not allowed_inside(own, rules, rest):
            yield f"{source.path}:{line}: '{own}' may not import {name}"
        elif rules and top not in {PACKAGE, *sys.stdlib_module_names, *rules.outside.split()}:
            yield f"{source.path}:{line}: '{own}' may not use the package {top}"


def allowed_inside(own: str, rules: Room, name: str) -> bool:
    """Whether `name` ("queries.worklist", "db.unit_of_work") is the own room or one that the row lists."""
    return any(name == entry or name.startswith(f"{entry}.") for entry in {own, *rules.inside.split()})


def forbidden_commits(source: Source) -> Iterator[str]:
    rules = ROOMS.get(source.room)
    if rules is None or rules.may_commit:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield f"{source.path}:{node.lineno}: '{source.room}' never commits; the unit of work does"


def clock_reads(source: Source) -> Iterator[str]:
    """Also where the function is only named: a column's `default=datetime.now` reads the clock later."""
    if source.room == "clock":
        return
    meaning = dict(imported_names(source))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = ast.unparse(node).partition(".")
            name = meaning.get(first, first) + dot + rest
            if name in CLOCK_READS:
                yield f"{source.path}:{node.lineno}: {name} reads the clock; time is an argument"


def imported_names(source: Source) -> Iterator[tuple[str, str]]:
    """(name in the file, what it stands for): `from datetime import date as day` gives day, datetime.date."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def missing_docstring(source: Source) -> Iterator[str]:
    if not ast.get_docstring(source.tree):
        yield f"{source.path}: one docstring line says what lives here and what does not"


def too_large(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > FILE_LINES and source.path not in LARGER_WITH_REASON:
        yield f"{source.path}: {lines} lines; past {FILE_LINES} a file is split by feature"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES and f"{source.path}::{node.name}" not in LARGER_WITH_REASON:
                yield f"{source.path}:{node.lineno}: {length} lines in {node.name}; {FUNCTION_LINES} at most"


def sources(*places: str) -> list[Source]:
    files = (file for place in places for file in sorted(ROOT.glob(place)))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]


HABITS = (missing_docstring, too_large)
HOUSE = sources(f"{PACKAGE}/**/*.py")
ENTRANCE = sources("config.py", "config_list.py", "day84.py", "wsgi.py")
AROUND = sources("benchmarks/**/*.py", "migrations/env.py", "tests/**/*.py")


@pytest.mark.parametrize("checker", [forbidden_imports, forbidden_commits])
def test_rooms_keep_to_their_row(checker):
    assert [breach for source in HOUSE for breach in checker(source)] == []


def test_time_is_an_argument():
    assert [breach for source in HOUSE + ENTRANCE for breach in clock_reads(source)] == []


def test_every_file_keeps_the_habits():
    """Both at once: reading a thousand files takes longer than looking at them."""
    everything = HOUSE + ENTRANCE + AROUND
    assert [breach for source in everything for check in HABITS for breach in check(source)] == []


def test_config_imports_the_standard_library_only():
    settings = sources("config.py", "config_list.py")
    tops = {name.partition(".")[0] for source in settings for _, name in source.imports}
    assert tops - {"config_list"} <= sys.stdlib_module_names


def test_exceptions_to_the_size_limits_are_still_needed_and_reasoned():
    present = {source.path for source in HOUSE + ENTRANCE + AROUND}
    assert {entry.partition("::")[0] for entry in LARGER_WITH_REASON} <= present
    assert all(LARGER_WITH_REASON.values())


FORBIDDEN = """
domain/errors.py     import flask
domain/errors.py     from clinic_scheduler.clock import Clock
domain/errors.py     from ..clock import Clock
domain/errors.py     from .. import models
domain/errors.py     def late(): import sqlalchemy
models/patient.py    from clinic_scheduler.queries import worklist
queries/worklist.py  from flask import g
queries/worklist.py  import clinic_scheduler.services.booking
messages/compose.py  from clinic_scheduler.models import Patient
calendars/feed.py    from flask import Response
senders/smtp.py      from clinic_scheduler.models.reminder import Reminder
services/booking.py  from clinic_scheduler.senders import smtp
services/booking.py  from config import Config
importing/rows.py    from flask import current_app
web/due.py     from clinic_scheduler.models import Patient
web/due.py     from clinic_scheduler.db import db, unit_of_work
web/due.py     from clinic_scheduler import create_app
web/due.py     import apscheduler as aps
api/patients.py      from clinic_scheduler import senders
jobs/dispatch.py     from clinic_scheduler.senders.smtp import SmtpSender
jobs/dispatch.py     import clinic_scheduler.web.patients
cli/users.py         from clinic_scheduler.models import User
__init__.py          import config
attic/old.py         import json
"""
ALLOWED = """
domain/errors.py     from .intervals import Interval; from datetime import date
domain/__init__.py   from .intervals import Interval
services/booking.py  from clinic_scheduler import models, queries; from . import audit
jobs/dispatch.py     from clinic_scheduler.senders.base import Sender
web/due.py     from clinic_scheduler.db import unit_of_work; from flask import request
__init__.py          from clinic_scheduler.senders import smtp; from .web import pages
"""


def breaches_of(line: str) -> list[str]:
    path, text = line.split(maxsplit=1)
    return list(forbidden_imports(Source(f"{PACKAGE}/{path}", text)))


@pytest.mark.parametrize("line", FORBIDDEN.strip().splitlines())
def test_a_forbidden_import_is_found(line):
    assert len(breaches_of(line)) == 1


@pytest.mark.parametrize("line", ALLOWED.strip().splitlines())
def test_an_allowed_import_passes(line):
    assert breaches_of(line) == []


@pytest.mark.parametrize("name", ["services", "importing", "queries"])
def test_a_commit_below_the_unit_of_work_is_found(name):
    assert list(forbidden_commits(Source(f"{PACKAGE}/{name}/x.py", "def f(session):\n    session.commit()")))
    assert not list(forbidden_commits(Source(f"{PACKAGE}/db.py", "session.commit()")))


@pytest.mark.parametrize(
    "text",
    [
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import datetime, UTC\nx = datetime.now(UTC)",
        "from datetime import datetime as moment\nx = dict(default=moment.utcnow)",
        "from datetime import date\nx = date.today()",
        "import datetime as dt\nx = dt.date.today()",
        "import time\nx = time.time()",
        "from time import time\nx = time()",
    ],
)
def test_a_clock_read_is_found(text):
    assert list(clock_reads(Source(f"{PACKAGE}/services/x.py", text)))
    assert not list(clock_reads(Source(f"{PACKAGE}/clock.py", text)))


def test_durations_and_a_clock_passed_in_are_no_clock_reads():
    assert not list(clock_reads(Source("config.py", "import time\ntime.monotonic()\nself.clock.now()")))


def test_a_missing_docstring_is_found():
    assert list(missing_docstring(Source("a.py", "x = 1")))
    assert not list(missing_docstring(Source("a.py", '"""What lives here."""')))


def test_a_file_and_a_function_grown_too_large_are_found():
    assert not list(too_large(Source("a.py", "x = 1\n" * 300)))
    assert list(too_large(Source("a.py", "x = 1\n" * 301)))
    assert not list(too_large(Source("a.py", "def f():\n" + "    x = 1\n" * 59)))
    assert list(too_large(Source("a.py", "def f():\n" + "    x = 1\n" * 60)))
