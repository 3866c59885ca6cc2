"""Holds every change of a row's state to its one module: nowhere else is a `state` set, and each table is whole."""

import ast
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.messaging.states import (
    MESSAGE_TRANSITIONS,
    REMINDER_TRANSITIONS,
    STAFF_MAIL_TRANSITIONS,
    MessageState,
    ReminderState,
    StaffMailState,
)
from clinic_scheduler.domain.transitions import ForbiddenTransition
from clinic_scheduler.domain.visits.kinds_and_states import VISIT_TRANSITIONS, VisitState
from clinic_scheduler.domain.visits.override_requests import REQUEST_TRANSITIONS, RequestState
from clinic_scheduler.models import Appointment, Message, OverrideRequest, Reminder, StaffNotice
from clinic_scheduler.models.column_types import Coded
from tests.test_architecture import HOUSE, Source

# By kind of row: its states, its table and those states that no row of ours ever has.
TABLES = {
    Appointment: (VisitState, VISIT_TRANSITIONS, {VisitState.WAITLIST}),
    Message: (MessageState, MESSAGE_TRANSITIONS, set()),
    Reminder: (ReminderState, REMINDER_TRANSITIONS, set()),
    OverrideRequest: (RequestState, REQUEST_TRANSITIONS, set()),
    StaffNotice: (StaffMailState, STAFF_MAIL_TRANSITIONS, set()),
}
EVERY_TABLE = pytest.mark.parametrize("row", TABLES, ids=lambda row: row.__name__)


def bare_states(source: Source) -> Iterator[str]:
    """Every place that sets a `state` by itself: `row.state = ...`, setattr, UPDATE, a dict of values."""
    for node in ast.walk(source.tree):
        if sets_a_state(node):
            yield f"{source.path}:{node.lineno}: a state is changed by its own module alone, services/*_states.py"


def sets_a_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
            return True
        case ast.Call(func=ast.Attribute(attr="values" | "update", value=statement), keywords=keywords):
            return any(each.arg == "state" for each in keywords) and not is_insert(statement)
        case ast.Dict(keys=keys):
            return any(isinstance(key, ast.Constant) and key.value == "state" for key in keys)
    return False


def is_insert(statement: ast.expr) -> bool:
    """A new row begins with a state, which is no change of one."""
    names = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
    return bool(names & {"insert", "insert_into"})


def test_a_state_is_set_nowhere_but_in_its_own_module():
    elsewhere = [source for source in HOUSE if not is_states_module(source)]
    assert [breach for source in elsewhere for breach in bare_states(source)] == []


def is_states_module(source: Source) -> bool:
    return source.room == "services" and source.path.endswith("_states.py")


@pytest.mark.parametrize(
    "text",
    [
        'visit.state = "booked"',
        "visit.state, visit.arrived_at = VisitState.BOOKED, None",
        'reminder.state += "x"',
        'setattr(row, "state", state)',
        'session.execute(update(Message).where(x).values(state="sent"))',
        'again = statement.values(state="sent")',
        'values = {"state": "pending", **row}',
    ],
)
def test_a_state_set_by_itself_is_found(text):
    assert list(bare_states(Source("clinic_scheduler/services/x.py", text)))


@pytest.mark.parametrize(
    "text",
    [
        "if visit.state == VisitState.BOOKED: pass",
        "visit = Appointment(state=VisitState.BOOKED)",
        "insert_into(session, DeliveryReceipt).values(state=state)",
        "move_to(visit, VisitState.BOOKED)",
    ],
)
def test_reading_a_state_and_a_new_row_are_no_change_of_one(text):
    assert not list(bare_states(Source("clinic_scheduler/services/x.py", text)))


@EVERY_TABLE
def test_a_table_says_of_every_state_what_may_follow_it(row):
    states, table, _ = TABLES[row]
    assert set(table.follow) == set(states)
    assert set(table.begins) <= set(states)
    assert all(set(followers) <= set(states) for followers in table.follow.values())


@EVERY_TABLE
def test_the_column_is_typed_by_the_states(row):
    states, _, _ = TABLES[row]
    kept = row.__table__.c.state.type
    assert isinstance(kept, Coded)
    assert kept.codes is states


@EVERY_TABLE
@given(data=st.data())
def test_however_a_row_is_moved_it_is_never_in_a_state_that_cannot_be_reached(row, data):
    """A walk that tries any state at each step: what is refused changes nothing, what is taken is in the table."""
    states, table, never = TABLES[row]
    at = data.draw(st.sampled_from(sorted(table.begins)))
    for wanted in data.draw(st.lists(st.sampled_from(list(states)), max_size=12)):
        if wanted in table.follow[at]:
            table.require(at, wanted)
            at = wanted
        else:
            with pytest.raises(ForbiddenTransition, match=f"cannot become {wanted}"):
                table.require(at, wanted)
        assert at in table.reachable()
    assert table.reachable() == set(states) - never


def test_what_was_proved_is_never_taken_back():
    assert set(MESSAGE_TRANSITIONS.follow[MessageState.DELIVERED]) == {MessageState.DELIVERED}
    assert MessageState.PENDING not in MESSAGE_TRANSITIONS.follow[MessageState.SENT]
    assert ReminderState.PENDING not in REMINDER_TRANSITIONS.follow[ReminderState.SENT]


def test_a_question_ends_once():
    endings = set(RequestState) - {RequestState.WAITING}
    assert set(REQUEST_TRANSITIONS.follow[RequestState.WAITING]) == endings
    assert not any(REQUEST_TRANSITIONS.follow[ending] for ending in endings)


def labelled(codes: type[Labelled] = Labelled) -> Iterator[type[Labelled]]:
    for each in codes.__subclasses__():
        yield each
        yield from labelled(each)


@pytest.mark.parametrize("codes", sorted(labelled(), key=lambda codes: codes.__name__))
def test_every_code_has_words_and_fits_its_column(codes):
    assert all(code.label.strip() for code in codes)
    assert all(0 < len(code.value) <= 40 for code in codes)
