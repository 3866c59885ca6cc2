"""Questions for the tests of the naive reading: course c1 of chronic migraine unless said, ids and dates as texts."""

from typing import Any

from reference_figures import BOTOX, DYSPORT
from reference_reading import reference_forecast

Json = dict[str, Any]
LIMB = "spasticity_upper_limb"
LOWER_LIMB = "spasticity_lower_limb"
TODAY = "2026-11-22"
ADULT: Json = {"birth_date": "1980-05-01"}


def session(given_on: str, **changes: Any) -> Json:
    plain = {"id": given_on, "course_id": "c1", "given_on": given_on, "units": 155, "product": BOTOX}
    return {**plain, **changes}


def dysport(given_on: str, units: float = 480, **changes: Any) -> Json:
    """A session of course c1 with the other product."""
    return session(given_on, **{"units": units, "product": DYSPORT, **changes})


def elsewhere(given_on: str, **changes: Any) -> Json:
    """Given outside every course; its id never meets a course's session of that day."""
    return session(given_on, **{"id": f"e-{given_on}", "course_id": None, **changes})


def course(**changes: Any) -> Json:
    plain = {"id": "c1", "indication": "chronic_migraine", "product": BOTOX, "started_on": "2026-01-05"}
    return {**plain, **changes}


def question(courses: list[Json], sessions: list[Json], as_of: str = TODAY, **patient: Any) -> Json:
    person = {**ADULT, **patient}
    return {"as_of": as_of, "patient": person, "courses": courses, "sessions": sessions}


def read_all(courses: list[Json], sessions: list[Json], as_of: str = TODAY, **patient: Any) -> list[Json]:
    answers: list[Json] = reference_forecast(question(courses, sessions, as_of, **patient))["courses"]
    return answers


def read(sessions: list[Json], *, as_of: str = TODAY, patient: Json | None = None, **changes: Any) -> Json:
    """The answer for course c1, the only one."""
    (answer,) = read_all([course(**changes)], sessions, as_of, **(patient or {}))
    return answer


def given_as(sessions: list[Json], **changes: Any) -> Json:
    """The evaluation of the last session."""
    answer: Json = read(sessions, **changes)["sessions"][-1]
    return answer


def blocks(sessions: list[Json] | None = None, *, patient: Json = ADULT, **changes: Any) -> list[str]:
    """Those of course c1, started on the day of the question and never treated unless said."""
    found: list[str] = read(sessions or [], patient=patient, **{"started_on": TODAY, **changes})["blocks"]
    return found


LAST = [session("2026-08-31")]
