"""flask load-large-clinic: whole or not at all, the same for the same seed, and true to the rules."""

from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db
from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Course,
    Patient,
    PatientSearchKey,
    Reminder,
    Treatment,
)

COMMAND = ["load-large-clinic", "--patients", "120", "--courses", "180"]


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.output


def rows(app: Flask) -> list[tuple[object, ...]]:
    with app.app_context():
        joined = select(
            Patient.mrn,
            Patient.family_name,
            Course.uid,
            Course.due_date,
            Treatment.given_on,
            Treatment.evaluation,
        )
        joined = joined.join(Course, Course.patient_id == Patient.id).outerjoin(
            Treatment, Treatment.course_id == Course.id
        )
        return [tuple(row) for row in db.session.execute(joined.order_by(Course.uid, Treatment.given_on))]


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_loaded_is_what_the_rules_say(app: Flask) -> None:
    status, said = run(app, *COMMAND)
    assert (status, "120 patients, 180 courses" in said) == (0, True)
    assert (count(app, Patient), count(app, Course), count(app, Reminder)) == (120, 180, 0)
    assert count(app, Treatment) > 3 * 150
    assert count(app, Appointment) > 20
    assert count(app, PatientSearchKey) > 20 * 120
    assert run(app, "recompute") == (0, "0 differences\n")


def test_a_second_one_is_refused_and_adds_nothing(app: Flask) -> None:
    assert run(app, *COMMAND)[0] == 0
    status, said = run(app, *COMMAND)
    assert (status, "Nothing was added" in said) == (1, True)
    assert (count(app, Clinic), count(app, Patient)) == (1, 120)


def test_the_same_seed_gives_the_same_people_and_another_others(app: Flask) -> None:
    def loaded(seed: str) -> list[tuple[object, ...]]:
        assert run(app, *COMMAND, "--seed", seed, "--treatments-per-course", "2")[0] == 0
        found = rows(app)
        with app.app_context():
            for table in reversed(db.metadata.sorted_tables):
                db.session.execute(table.delete())
            db.session.commit()
        return found

    first = loaded("1")
    assert loaded("1") == first
    assert loaded("2") != first


def test_numbers_that_do_not_fit_are_refused(app: Flask) -> None:
    status, said = run(app, "load-large-clinic", "--patients", "10", "--courses", "30")
    assert (status, "one course or two" in said) == (1, True)
    assert count(app, Clinic) == 0
