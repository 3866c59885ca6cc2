"""Questions for the tests of the naive reading: course c1 of chronic migraine unless said, ids and dates as texts."""

from typing import Any

from reference_figures import BOTOX
from reference_reading import reference_forecast

Json = dict[str, Any]
LIMB = "spasticity_upper_limb"
LOWER_LIMB = "spasticity_lower_limb"
TODAY = "2026-11-22"


def session(given_on: str, **changes: Any) -> Json:
    plain = {"id": given_on, "course_id": "c1", "given_on": given_on, "units": 155, "product": BOTOX}
    return {**plain, **changes}


def elsewhere(given_on: str, **changes: Any) -> Json:
    """Given outside every course; its id never meets a course's session of that day."""
    return session(given_on, **{"id": f"e-{given_on}", "course_id": None, **changes})


def course(**changes: Any) -> Json:
    plain = {"id": "c1", "indication": "chronic_migraine", "product": BOTOX, "started_on": "2026-01-05"}
    return {**plain, **changes}


def question(courses: list[Json], sessions: list[Json], as_of: str = TODAY, **patient: Any) -> Json:
    person = {"birth_date": "1980-05-01", **patient}
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


LAST = [session("2026-08-31")]
