"""Rules of reminders: which one holds, what an edit may say, and how staff read them."""

import pytest

from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.reminder_rules import (
    ClinicRules,
    Rule,
    flaws,
    in_order,
    in_words,
    shipped_rules,
)

MIGRAINE = "chronic_migraine"


def test_an_indications_own_rule_goes_before_the_clinics_and_that_before_the_default() -> None:
    for_all, own = Rule(days=(5,)), Rule(days=(2,))
    rules = ClinicRules({("", "visit_reminder"): for_all, (MIGRAINE, "visit_reminder"): own})
    assert rules.rule("visit_reminder", MIGRAINE) == own
    assert rules.rule("visit_reminder", "spasticity_upper_limb") == for_all
    assert rules.rule("overdue", MIGRAINE) == shipped_rules()["overdue"]


def test_the_master_switch_is_stronger_than_any_rule() -> None:
    rules = ClinicRules(
        {(MIGRAINE, "overdue"): Rule(days=(1,), repeat_days=7, most=1)}, frozenset({"overdue"})
    )
    in_force = rules.in_force(MIGRAINE)
    assert {kind for kind, rule in in_force.items() if not rule.is_on} == {"overdue", "visit_booked"}


@pytest.mark.parametrize("kind", shipped_rules())
def test_every_default_is_a_rule_that_could_be_saved(kind: str) -> None:
    assert flaws(kind, shipped_rules()[kind]) == []
    assert in_words(kind, shipped_rules()[kind])


FIXED = ("days", "The days of this kind are fixed")
NOT_REPEATED = ("repeat_days", "This kind is not repeated")
REPEATS = ("repeat_days", "Enter 7 to 90 days between two messages")
MOST = ("most", "Enter 1 to 12 messages at most")


@pytest.mark.parametrize(
    ("kind", "rule", "found"),
    [
        ("visit_reminder", Rule(), [("days", "Enter at least one day")]),
        ("visit_reminder", Rule(days=(3, 3)), [("days", "Enter each day once")]),
        ("visit_reminder", Rule(days=(61,)), [("days", "Days lie between 0 and 60")]),
        ("visit_reminder", Rule(days=(7, -1)), [("days", "Days lie between 0 and 60")]),
        ("visit_reminder", Rule(days=(1, 2, 3, 4, 5, 6, 7)), [("days", "Enter at most 6 days")]),
        ("visit_reminder", Rule(days=(1,), most=2), [NOT_REPEATED]),
        ("visit_reminder", Rule(days=(1,), repeat_days=7), [NOT_REPEATED]),
        ("time_to_book", Rule(days=(14, 7)), [("days", "Enter one number of days")]),
        ("after_visit", Rule(days=(1,)), [FIXED]),
        ("overdue", Rule(days=(1,), repeat_days=6, most=3), [REPEATS]),
        ("overdue", Rule(days=(1,), repeat_days=91, most=3), [REPEATS]),
        ("overdue", Rule(days=(1,), most=3), [REPEATS]),
        ("overdue", Rule(days=(1,), repeat_days=14, most=0), [MOST]),
        ("overdue", Rule(days=(1,), repeat_days=14, most=13), [MOST]),
        ("overdue", Rule(days=(1,)), [REPEATS, MOST]),
        ("visit_reminder", Rule(days=(60, 7, 3, 2, 1, 0)), []),
        ("overdue", Rule(days=(0,), repeat_days=7, most=1), []),
        ("overdue", Rule(days=(60,), repeat_days=90, most=12), []),
    ],
)
def test_what_no_rule_may_be_is_named_with_its_field(
    kind: str, rule: Rule, found: list[tuple[str, str]]
) -> None:
    assert flaws(kind, rule) == found


def test_days_go_out_in_order_the_earliest_first() -> None:
    assert in_order([1, 7, 3]) == (7, 3, 1)


@pytest.mark.parametrize(
    ("kind", "rule", "said"),
    [
        (
            "visit_reminder",
            Rule(days=(7, 3, 1)),
            "7, 3 and 1 days before, at 10:00 or the visit's own hour where that is earlier",
        ),
        (
            "visit_reminder",
            Rule(days=(1,)),
            "1 day before, at 10:00 or the visit's own hour where that is earlier",
        ),
        (
            "visit_reminder",
            Rule(days=(1, 0)),
            "1 and 0 days before, at 10:00 or the visit's own hour where that is earlier",
        ),
        ("time_to_book", Rule(days=(14,)), "Once a cycle, 14 days before the earliest date, at 10:00"),
        (
            "overdue",
            Rule(days=(2,), repeat_days=14, most=1),
            "2 days after the course became overdue, at 10:00; once a cycle",
        ),
        (
            "overdue",
            Rule(days=(1,), repeat_days=14, most=3),
            "1 day after the course became overdue, at 10:00, then every 14 days; at most 3 in a cycle",
        ),
        (
            "after_visit",
            Rule(),
            "At 10:00 on the first day of the onset check, and of the peak review or four-week count",
        ),
        ("missed_visit", Rule(), "Once, at 10:00 the morning after, unless the patient is booked again"),
        (
            "visit_moved",
            Rule(),
            "5 minutes after it happens, unless it is undone by then; never in quiet hours",
        ),
    ],
)
def test_rules_read_as_staff_would_say_them(kind: str, rule: Rule, said: str) -> None:
    assert in_words(kind, rule) == said


def test_kinds_about_a_visit_name_it_and_those_that_ask_can_be_answered() -> None:
    about = {code for code, kind in KINDS.items() if kind.is_about_a_visit}
    assert about == {"visit_reminder", "missed_visit", "visit_booked", "visit_moved", "visit_cancelled"}
    asking = {code for code, kind in KINDS.items() if kind.asks_for_an_answer}
    assert asking == {"visit_reminder", "visit_booked", "visit_moved"}
