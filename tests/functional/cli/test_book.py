"""flask book: suggestions, booking one, and refusals with alternatives."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.models import Appointment, AuditEvent, Course, User, VisitOverride
from tests import factories
from tests.functional.cli.logs import contents, run
from tests.functional.cli.seen import Seen

FIRST_FREE = "Mon 2026-11-23 09:15"


def booked(app: Flask) -> list[tuple[str, str, str | None]]:
    """(day, time, reason of what was overridden) of every visit."""
    rows = contents(
        app,
        select(Appointment.local_date, Appointment.local_time, VisitOverride.reason).outerjoin(
            VisitOverride, VisitOverride.appointment_id == Appointment.id
        ),
    )
    return [(day.isoformat(), f"{time:%H:%M}", reason) for day, time, reason in rows]


def treated_today(seen: Seen) -> None:
    seen.change(
        lambda s: factories.treat(
            s, seen.actor, seen.now, s.get_one(Course, seen.course_id), date(2026, 11, 23)
        )
    )


def test_without_a_time_it_only_suggests(seen: Seen) -> None:
    result = run(seen.app, "book", "--patient", "A-100")
    lines = result.stdout.splitlines()
    assert lines[0] == "Free times, best first:"
    assert lines[1] == f"  {FIRST_FREE}  Dr Amara Reid"
    assert len(lines) == 7
    assert booked(seen.app) == []


def test_suggestions_of_one_provider(seen: Seen) -> None:
    lines = run(seen.app, "book", "--patient", "A-100", "--provider", "Sato").stdout.splitlines()[1:]
    assert len(lines) == 6
    assert all("Dr Ben Sato" in line for line in lines)


def test_first_books_the_first_suggestion(seen: Seen) -> None:
    result = run(seen.app, "book", "--patient", "A-100", "--first")
    assert (result.exit_code, booked(seen.app)) == (0, [("2026-11-23", "09:15", None)])
    assert result.stdout == "Booked 23-Nov-2026 at 09:15 (America/Los_Angeles) with Dr Amara Reid.\n"
    assert contents(seen.app, select(AuditEvent.actor).where(AuditEvent.action == "booked")) == [
        ("command line",)
    ]


def test_where_no_day_is_good_it_says_what_stands_in_the_way(seen: Seen) -> None:
    seen.change(lambda s: factories.hold(s, seen.actor, seen.now, seen.course_id, date(2026, 11, 23)))
    for asked in ((), ("--first",)):
        result = run(seen.app, "book", "--patient", "A-100", *asked)
        assert "here is no time to suggest. On hold. On hold since" in result.output
    assert booked(seen.app) == []


def test_a_consultation_knows_no_floor(seen: Seen) -> None:
    treated_today(seen)
    result = run(seen.app, "book", "--patient", "A-100", "--kind", "consultation", "--first")
    assert (result.exit_code, booked(seen.app)) == (0, [("2026-11-23", "09:15", None)])
    assert contents(seen.app, select(Appointment.kind)) == [("consultation",)]


@pytest.mark.parametrize("at", ["2026-11-30 09:00", "2026-11-30T17:00:00+00:00"])
def test_at_books_that_time_with_the_courses_provider(seen: Seen, at: str) -> None:
    assert run(seen.app, "book", "--patient", "A-100", "--at", at).exit_code == 0
    assert booked(seen.app) == [("2026-11-30", "09:00", None)]


def test_a_refusal_is_one_line_and_alternatives_on_stderr(seen: Seen) -> None:
    treated_today(seen)
    result = run(seen.app, "book", "--patient", "A-100", "--at", "2026-11-30 09:00")
    assert (result.exit_code, result.stdout, booked(seen.app)) == (1, "", [])
    lines = result.stderr.splitlines()
    assert lines[0] == "Free times, best first:"
    assert lines[1].startswith("  Mon 2027-02-15 09:00")
    assert "The earliest is Monday, February 15, 2027: 12 weeks (84 days) after 23-Nov-2026" in lines[-1]
    assert "Nothing was booked. The first good day is Monday, February 15, 2027." in lines[-1]


def test_a_taken_time_is_refused_with_alternatives(seen: Seen) -> None:
    seen.another(provider_id=seen.cast.provider_id)
    assert run(seen.app, "book", "--patient", "A-200", "--at", "2026-11-30 09:00").exit_code == 0
    result = run(seen.app, "book", "--patient", "A-100", "--at", "2026-11-30 09:15")
    assert result.exit_code == 1
    assert "09:15 on 30-Nov-2026 is taken" in result.stderr


def test_an_override_needs_a_provider_to_decide(seen: Seen) -> None:
    treated_today(seen)
    early = ("book", "--patient", "A-100", "--at", "2026-11-30 09:00", "--override")
    early = (*early, "too_early=payer_approved")
    for role in ("front_desk", "provider"):
        seen.change(lambda s, role=role: factories.staff(s, seen.actor, seen.now, role).id)
    for who in ((), ("--as", "front_desk@example.org")):
        refused = run(seen.app, *early, *who)
        assert refused.exit_code == 1
        assert "Only a provider may override this." in refused.stderr
    assert run(seen.app, *early, "--as", "provider@example.org").exit_code == 0
    assert booked(seen.app) == [("2026-11-30", "09:00", "payer_approved")]


def test_what_is_overridden_is_named(seen: Seen) -> None:
    for wrong in ("travel", "early=travel", "too_early="):
        failed = run(seen.app, "book", "--patient", "A-100", "--first", "--override", wrong)
        assert (failed.exit_code, booked(seen.app)) == (2, [])
        assert "too_early, over_cap" in failed.stderr


def test_nobody_decides_in_the_name_of_a_closed_or_unknown_account(seen: Seen) -> None:
    seen.change(lambda s: factories.staff(s, seen.actor, seen.now, "provider").id)
    seen.change(lambda s: setattr(s.scalars(select(User)).one(), "active", False))
    for email in ("provider@example.org", "nobody@example.org"):
        failed = run(seen.app, "book", "--patient", "A-100", "--first", "--as", email)
        assert (failed.exit_code, booked(seen.app)) == (1, [])
        assert f"nobody of this clinic signs in as {email}" in failed.stderr


def test_what_is_not_known_is_said_in_one_line(seen: Seen) -> None:
    for options, said in (
        (("--patient", "Z-9"), "no patient has the MRN Z-9"),
        (
            ("--patient", "A-100", "--indication", "spasticity_upper_limb"),
            "choose one course with --indication",
        ),
        (("--patient", "A-100", "--provider", "Dr"), "more than one provider"),
    ):
        failed = run(seen.app, "book", *options)
        assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
        assert said in failed.stderr
    wrong = run(seen.app, "book", "--patient", "A-100", "--at", "tomorrow")
    assert wrong.exit_code == 2
    assert "is not a time such as '2026-11-30 09:00'" in wrong.stderr
