"""Holds how many parameters a function takes: more than six are a value that nobody has named yet.

Constructors of values are free to take what the value holds, and a command takes what people may type.
"""

import ast
from collections.abc import Iterator

from tests.test_architecture import ENTRANCE, HOUSE, Source

PARAMETERS = 6
# "path::function" -> how many it takes, and why. Entries leave or shrink; nothing else is to be added.
MORE_WITH_REASON = {
    "calendars/feed.py::patient_feed": (7, "what a feed is made of, each from another room"),
    "calendars/feed.py::provider_feed": (7, "as patient_feed"),
    "domain/forecast/due_dates.py::_read": (7, "makes the value that the rules read"),
    "domain/forecast/status.py::timing_of": (7, "four dates that the reference names one by one"),
    "domain/protocols/labels.py::_label": (10, "makes a record of the table of labels"),
    "domain/protocols/products.py::_product": (10, "makes a record of the table of products"),
    "importing/diary/reading.py::_report": (7, "makes the report's value"),
    "importing/results.py::fingerprint": (7, "what two equal rows have in common"),
    "queries/due/rows.py::due_page": (8, "what the page's address asks for"),
    "queries/schedule/availability.py::diaries": (9, "asked with few of them at a time"),
    "senders/sms_twilio.py::_exchange": (7, "one HTTP request, as the library hands it over"),
    "senders/sms_twilio.py::request": (8, "the signature is the library's"),
    "services/contact_attempts.py::log": (7, "the fields of one row"),
    "services/courses/courses.py::authorize": (7, "the fields of one row"),
    "services/work_items.py::keep_item": (7, "the fields of one row"),
    "services/practice/staff.py::create_first_admin": (
        7,
        "the fields of one row and the link that allows it",
    ),
}


def functions(source: Source) -> Iterator[tuple[str, int, int]]:
    """(key, line, how many parameters) of all but constructors and commands; what is passed on whole counts nothing."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name == "__init__":
            continue
        if any("command" in ast.unparse(decorator) for decorator in node.decorator_list):
            continue
        given = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        many = len([name for name in given if name not in ("self", "cls")])
        yield f"{source.path.removeprefix('clinic_scheduler/')}::{node.name}", node.lineno, many


def too_many(source: Source) -> Iterator[str]:
    for key, line, many in functions(source):
        if many > MORE_WITH_REASON.get(key, (PARAMETERS, ""))[0]:
            yield f"{source.path}:{line}: {key.rpartition('::')[2]} takes {many} parameters; {PARAMETERS} at most"


def test_no_function_takes_more_parameters_than_a_reader_can_hold():
    assert [breach for source in HOUSE + ENTRANCE for breach in too_many(source)] == []


def test_exceptions_are_still_needed_as_they_stand_and_reasoned():
    found = {key: many for source in HOUSE for key, _, many in functions(source) if many > PARAMETERS}
    assert {key: many for key, (many, _) in MORE_WITH_REASON.items()} == found
    assert all(reason for _, reason in MORE_WITH_REASON.values())


def test_one_parameter_too_many_is_found():
    six = "def f(a, b, c, /, d, *args, e, f, **more): ..."
    assert not list(too_many(Source("clinic_scheduler/a.py", six)))
    assert list(too_many(Source("clinic_scheduler/a.py", six.replace("d,", "d, g,"))))
    assert not list(
        too_many(Source("clinic_scheduler/a.py", "class A:\n    def f(self, a, b, c, d, e, f): ..."))
    )
