"""flask staff, setup-link and clinic: accounts and the clinic's own facts from a terminal."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, Clinic, Course, User
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.patients.records import PatientEntry, add_patient
from clinic_scheduler.services.practice.clinics import ClinicEntry, add_provider, open_clinic
from clinic_scheduler.services.visits.appointments import book
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests import factories

PASSWORD = "correct horse battery"
ADMIN = ("--email", "Ada@Example.org", "--name", "Ada Moss", "--role", "admin", "--password-stdin")


@pytest.fixture
def run(app):
    """Runs a command line as `flask` would; returns click's result."""

    def run(*arguments: str, typed: str | None = None):
        return app.test_cli_runner().invoke(args=list(arguments), input=typed)

    return run


@pytest.fixture
def clinic_id(app, clock) -> int:
    """A clinic as an import opens it: without telephone and address."""
    with app.app_context(), unit_of_work() as session:
        entry = ClinicEntry("Elm Street Clinic", "America/New_York", "", "")
        clinic_id = open_clinic(session, "test", entry, clock.now()).id
        add_provider(Change(session, Actor("test", clinic_id), clock.now()), "Dr. Iris Vance")
    return clinic_id


def one(app, query):
    with app.app_context():
        return db.session().scalars(query).one()


def sign_in(app: Flask, email: str, password: str) -> FlaskClient | None:
    """A browser that has signed in, or None where it was turned away."""
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    form = {"csrf_token": token, "email": email, "password": password}
    return client if client.post("/sign-in", data=form).status_code == 302 else None


# --- staff ------------------------------------------------------------------------------------------------


def test_an_added_account_can_sign_in(app, run, clinic_id):
    result = run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (0, "Added ada@example.org as admin.\n")
    assert not sign_in(app, "ada@example.org", "not hers, though")
    assert sign_in(app, "ada@example.org", PASSWORD)


def test_a_password_is_asked_for_twice_and_not_shown(app, run, clinic_id):
    result = run("staff", "add", *ADMIN[:-1], typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert one(app, select(User.password)).startswith("$argon2")


def test_a_short_password_adds_nobody(app, run, clinic_id):
    result = run("staff", "add", *ADMIN, typed="eleven char\n")
    assert result.exit_code == 1
    assert "at least 12 characters. Nobody was added." in result.output
    with app.app_context():
        assert db.session().scalars(select(User)).all() == []


def test_a_provider_account_is_linked_to_its_provider(app, run, clinic_id):
    arguments = (
        "--email",
        "iris@example.org",
        "--name",
        "Iris Vance",
        "--role",
        "provider",
        "--password-stdin",
    )
    result = run("staff", "add", *arguments, "--provider", "vance", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert one(app, select(User)).provider_id is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--provider", "Dr. Nobody"), "no provider is called 'Dr. Nobody'; there are: Dr. Iris Vance"),
        (("--clinic", "Oak Street"), "name one of the clinics: Elm Street Clinic"),
        (("--email", "nonsense"), "an e-mail address is like name@example.org"),
    ],
)
def test_what_cannot_be_is_said_before_the_password_is_asked(run, clinic_id, arguments, words):
    result = run("staff", "add", *ADMIN[:-1], *arguments)
    assert result.exit_code != 0
    assert words in result.output
    assert "Password" not in result.output


def test_an_address_is_used_once(run, clinic_id):
    assert run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n").exit_code == 0
    result = run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n")
    assert result.exit_code == 1
    assert "there is an account with this e-mail address already" in result.output


def test_a_deactivated_account_is_signed_out_and_stays_listed(app, run, clinic_id):
    run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n")
    run(
        "staff", "add", "--email", "sol@example.org", "--name", "Sol Reyes", "--role", "front_desk",
        "--password-stdin", typed=f"{PASSWORD}\n",
    )  # fmt: skip
    client = sign_in(app, "sol@example.org", PASSWORD)
    assert client.get("/patients").status_code == 200
    assert run("staff", "deactivate", "--email", "sol@example.org").exit_code == 0
    assert client.get("/patients").status_code == 302
    lines = run("staff", "list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["ada@example.org", "admin", "Ada", "Moss"],
        ["sol@example.org", "front_desk", "Sol", "Reyes", "(deactivated)"],
    ]


def test_the_last_administrator_stays(run, clinic_id):
    run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n")
    result = run("staff", "deactivate", "--email", "ada@example.org")
    assert result.exit_code == 1
    assert "the last administrator. Nothing was changed." in result.output
    assert "(deactivated)" not in run("staff", "list").output


def test_nobody_is_deactivated_by_a_wrong_address(run, clinic_id):
    assert "nobody signs in as x@example.org" in run("staff", "deactivate", "--email", "x@example.org").output


def test_the_setup_link_opens_until_somebody_has_an_account(app, run, clinic_id):
    first = run("setup-link")
    assert first.exit_code == 0
    path = first.output.splitlines()[0].removeprefix("http://localhost")
    assert path.startswith("/setup/")
    assert app.test_client().get(path).status_code == 200
    run("staff", "add", *ADMIN, typed=f"{PASSWORD}\n")
    assert app.test_client().get(path).status_code == 404
    second = run("setup-link")
    assert second.exit_code == 1
    assert "there are accounts already" in second.output
    assert "/setup/" not in second.output


def test_without_a_clinic_there_is_no_setup_link(run):
    result = run("setup-link")
    assert result.exit_code == 1
    assert "there is no clinic yet" in result.output


# --- clinic -----------------------------------------------------------------------------------------------


def test_a_clinic_is_opened_and_shown(run):
    opened = run(
        "clinic", "open", "--name", "Oak Clinic", "--zone", "America/Denver",
        "--phone", "(303) 555-0100", "--email", "desk@example.org",
    )  # fmt: skip
    assert opened.exit_code == 0
    assert run("clinic", "show").output.splitlines() == [
        "name         Oak Clinic",
        "zone         America/Denver",
        "phone        (303) 555-0100",
        "email        desk@example.org",
        "address      (not set)",
        "digest-email (not set)",
    ]
    again = run(
        "clinic", "open", "--name", "Oak Clinic", "--zone", "America/Denver", "--phone", "1", "--email", "x"
    )
    assert again.exit_code == 1
    assert "already" in again.output


def test_a_clinic_an_import_opened_gets_its_telephone(app, run, clinic_id):
    result = run("clinic", "set", "--phone", "(212) 555-0100", "--email", "desk@example.org")
    assert result.exit_code == 0
    clinic = one(app, select(Clinic))
    assert (clinic.phone, clinic.email, clinic.name) == (
        "(212) 555-0100",
        "desk@example.org",
        "Elm Street Clinic",
    )
    event = one(app, select(AuditEvent).where(AuditEvent.action == "changed"))
    assert event.details == {"fields": ["email", "phone"]}


def test_mail_to_staff_gets_an_address_of_its_own_and_gives_it_up(app, run, clinic_id):
    changed = run("clinic", "set", "--digest-email", "morning@example.org")
    assert changed.output == "Changed: digest-email.\n"
    assert one(app, select(Clinic)).digest_email == "morning@example.org"
    assert "digest-email morning@example.org" in run("clinic", "show").output
    assert run("clinic", "set", "--digest-email", "").exit_code == 0
    assert one(app, select(Clinic)).digest_email is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--digest-email", "nobody"), "an e-mail address is like name@example.org"),
        (("--zone", "Mars/Olympus"), "'Mars/Olympus' is not an IANA zone"),
        (("--name", " "), "the clinic's name cannot be empty"),
        ((), "Say what to change"),
    ],
)
def test_what_cannot_be_a_clinics_is_refused(app, run, clinic_id, arguments, words):
    result = run("clinic", "set", *arguments)
    assert result.exit_code != 0
    assert words in result.output
    assert one(app, select(Clinic)).name == "Elm Street Clinic"


def test_another_zone_has_reminders_planned_again(app, run, clock, clinic_id):
    open_a_course(app, clock, clinic_id)
    assert one(app, select(Course)).reminders_planned_at is not None
    assert run("clinic", "set", "--zone", "America/Chicago").exit_code == 0
    assert one(app, select(Clinic)).zone == "America/Chicago"
    assert one(app, select(Course)).reminders_planned_at is None


def test_the_zone_stays_while_a_visit_is_ahead(app, run, clock, clinic_id):
    course_id, provider_id = open_a_course(app, clock, clinic_id)
    starts_at = datetime.combine(clock.now().date() + timedelta(days=1), time(15), UTC)
    with app.app_context(), unit_of_work() as session:
        book(
            Change(session, Actor("test", clinic_id), clock.now()),
            BookingRequest(course_id, provider_id, starts_at),
        )
    refused = run("clinic", "set", "--zone", "America/Chicago")
    assert refused.exit_code == 1
    assert "the zone cannot change while visits are booked" in refused.output
    assert one(app, select(Clinic)).zone == "America/New_York"
    clock.move(timedelta(days=2))
    assert run("clinic", "set", "--zone", "America/Chicago").exit_code == 0


def open_a_course(app, clock, clinic_id) -> tuple[int, int]:
    actor, now = Actor("test", clinic_id), clock.now()
    with app.app_context(), unit_of_work() as session:
        provider_id = add_provider(Change(session, actor, now), "Dr. Noor Lind").id
        person = PatientEntry("77", "Frost", "Lea", (now - timedelta(days=15_000)).date())
        patient = add_patient(Change(session, actor, now), person)
        entry = CourseEntry(patient.id, "chronic_migraine", "onabotulinumtoxinA", now.date(), provider_id)
        return start_course(Change(session, actor, now), entry).id, provider_id


@pytest.mark.parametrize(
    ("option", "typed", "said"),
    [
        ("--email", "a@example.org\r\nBcc: x@example.org", "the clinic's email is no e-mail address"),
        ("--email", "a@example.org,c@example.org", "the clinic's email is no e-mail address"),
        ("--name", "Harbor\r\nBcc: x@example.org", "the clinic's name has a line break"),
        ("--phone", "1\x002", "the clinic's phone has a line break or a control character"),
        ("--name", "half a pair \udcff", "the clinic's name has a line break or a control character"),
    ],
)
def test_a_command_takes_one_line_and_one_address(app, clock, option, typed, said):
    with app.app_context(), unit_of_work() as session:
        factories.cast(session, clock.now())
    result = app.test_cli_runner().invoke(args=["clinic", "set", option, typed])
    assert (result.exit_code, said in result.output) == (1, True), result.output
    assert "Bcc" not in app.test_cli_runner().invoke(args=["clinic", "show"]).output
