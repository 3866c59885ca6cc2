"""A question of the forecast contract with every key, and how tests change one of its values."""

import copy
from typing import Any

import pytest

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.json_contract import answer

Json = dict[str, Any]
PATIENT: Json = {"birth_date": "1980-05-01", "weight_kg": None, "deceased": False, "holds": []}
AUTHORIZATION: Json = {
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "visits_left": 2,
    "units_left": 400,
}
HOLD: Json = {"from": "2026-10-01", "until": "2026-10-31", "reason": "infection"}
DECISION: Json = {"block": "other_toxin_review", "until": "2027-01-18"}
COURSE: Json = {
    **{"id": "c1", "indication": "chronic_migraine", "product": "onabotulinumtoxinA"},
    **{"started_on": "2026-01-05", "stopped_on": None, "planned_units": 155, "personal_interval": None},
    **{"payer_minimum_interval": None, "authorization_required": False, "booked_on": None},
    **{"authorizations": [AUTHORIZATION], "holds": [HOLD], "booked_override": ["late"]},
    **{"consulted_on": "2026-01-05", "decisions": [DECISION]},
}
SESSION: Json = {
    **{"id": "s1", "course_id": "c1", "given_on": "2026-08-31", "units": 155, "kind": "cycle"},
    **{"product": "onabotulinumtoxinA", "outcome": "complete", "lot_expires_on": None, "indication": None},
}
QUESTION: Json = {"as_of": "2026-11-22", "patient": PATIENT, "courses": [COURSE], "sessions": [SESSION]}
DATES = ["as_of", "patient.birth_date", "courses[0].started_on", "sessions[0].given_on", "holds[0].from"]
OPTIONAL_DATES = [
    *("stopped_on", "booked_on", "consulted_on", "starts_on", "ends_on", "until", "lot_expires_on"),
]
INTERVALS = ["personal_interval", "payer_minimum_interval", "shared_minimum_interval"]
OPTIONAL_NUMBERS = ["weight_kg", "planned_units", "visits_left", "units_left"]
PLACES = {
    **dict.fromkeys(["weight_kg", "deceased"], "patient."),
    **dict.fromkeys(["starts_on", "ends_on", "visits_left", "units_left"], "courses[0].authorizations[0]."),
    **dict.fromkeys(["until", "reason"], "courses[0].holds[0]."),
    **dict.fromkeys(["lot_expires_on", "outcome", "kind", "course_id", "indication"], "sessions[0]."),
    "holds[0].from": "courses[0].",
}


def path(key: str) -> str:
    if key in PLACES:
        return PLACES[key] + key
    return key if "." in key or key in QUESTION else f"courses[0].{key}"


def changed(where: str, value: Any, *, absent: bool = False) -> Json:
    """The question with the value at "courses[0].id" and the like replaced or taken out."""
    question: Any = copy.deepcopy(QUESTION)
    *steps, last = where.replace("[", ".").replace("]", "").split(".")
    inner = question
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    if absent:
        del inner[last]
    else:
        inner[int(last) if last.isdigit() else last] = value
    return question  # type: ignore[no-any-return]


def refused(question: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        answer(question)
    return str(error.value)
