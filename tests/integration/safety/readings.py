"""A patient's rows as the forecast's contract asks, taken from the tables alone, and two independent answers.

Nothing of queries/ or services/ is used: what they leave out of the question would be left out of the check too.
"""

import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.db import Base
from clinic_scheduler.domain.forecast.json_contract import answer

# The naive reading imports nothing of the engine; it lives beside the tests of the rules, which are no package.
sys.path.append(str(Path(__file__).parents[2] / "unit" / "domain"))
from reference_reading import reference_forecast

Json = dict[str, Any]
Row = Mapping[str, Any]
OPEN = ("proposed", "booked", "arrived")
_READ = (
    *("clinics", "patients", "courses", "protocol_versions", "authorizations", "standing_decisions", "holds"),
    *("treatments", "appointments", "visit_overrides", "reminders", "users", "roles", "override_requests"),
)
_WANTED = {name: select(table := Base.metadata.tables[name]).order_by(table.c.id) for name in _READ}
_ROLES = select(Base.metadata.tables["user_roles"])


class Tables:
    """The tables as they are at one moment."""

    def __init__(self, session: Session) -> None:
        self._rows = {name: session.execute(wanted).mappings().all() for name, wanted in _WANTED.items()}
        self.user_roles = session.execute(_ROLES).mappings().all()

    def rows(self, table: str, **equal: Any) -> list[Row]:
        """A table's rows with these values, by id."""
        return [row for row in self._rows[table] if all(row[name] == value for name, value in equal.items())]

    def one(self, table: str, key: int) -> Row:
        return self.rows(table, id=key)[0]

    def open_injections(self, patient_id: int) -> list[Row]:
        visits = self.rows("appointments", patient_id=patient_id, kind="injection")
        return [visit for visit in visits if visit["state"] in OPEN]


def question(tables: Tables, patient: Row, as_of: date) -> Json:
    """All that the tables know of a patient, as one object of the contract."""
    holds = tables.rows("holds", patient_id=patient["id"])
    courses = tables.rows("courses", patient_id=patient["id"])
    visits = {visit["course_id"]: visit for visit in tables.open_injections(patient["id"])}
    treatments = tables.rows("treatments", patient_id=patient["id"])
    return {
        "as_of": as_of.isoformat(),
        "patient": {
            "birth_date": _day(patient["birth_date"]),
            "weight_kg": _number(patient["weight_kg"]),
            "deceased": patient["deceased_on"] is not None or patient["moved_on"] is not None,
            "holds": [_hold(row) for row in holds if row["indication"] is None],
        },
        "courses": [_course(tables, row, courses, holds, visits.get(row["id"])) for row in courses],
        "sessions": [_session(row) for row in treatments if row["voided_at"] is None],
    }


def answers(asked: Json) -> tuple[dict[int, Json], dict[int, Json]]:
    """By course id: what the engine says, and what the naive reading says. Explanations are left out."""
    engine = [{k: v for k, v in each.items() if k != "because"} for each in answer(asked)["courses"]]
    naive = reference_forecast(asked)["courses"]
    return {each["id"]: each for each in engine}, {each["id"]: each for each in naive}


def _course(
    tables: Tables, row: Row, courses: Iterable[Row], holds: Iterable[Row], visit: Row | None
) -> Json:
    overrides = tables.one("protocol_versions", row["protocol_version_id"])["overrides"]
    consulted = [
        other["consulted_on"]
        for other in courses
        if other["indication"] == row["indication"] and other["consulted_on"] is not None
    ]
    named = tables.rows("visit_overrides", appointment_id=visit["id"]) if visit else []
    return {
        "id": row["id"],
        "indication": row["indication"],
        "product": row["product"],
        "started_on": _day(row["started_on"]),
        "stopped_on": _day(row["stopped_on"]),
        "planned_units": _number(row["planned_units"]),
        "personal_interval": row["personal_interval"],
        "payer_minimum_interval": row["payer_minimum_interval"],
        "shared_minimum_interval": overrides.get("shared_minimum_interval", {}).get("value"),
        "authorization_required": row["authorization_required"],
        "authorizations": [
            {
                "starts_on": _day(leave["starts_on"]),
                "ends_on": _day(leave["ends_on"]),
                "visits_left": leave["visits_left"],
                "units_left": _number(leave["units_left"]),
            }
            for leave in tables.rows("authorizations", course_id=row["id"])
        ],
        "holds": [_hold(hold) for hold in holds if hold["indication"] == row["indication"]],
        "booked_on": _day(visit["local_date"]) if visit else None,
        "booked_override": [override["name"] for override in named],
        "consulted_on": _day(max(consulted)) if consulted else None,
        "decisions": [
            {"block": decision["block"], "until": _day(decision["until"])}
            for decision in tables.rows("standing_decisions", course_id=row["id"])
            if decision["ended_at"] is None
        ],
    }


def _session(row: Row) -> Json:
    return {
        "id": row["id"],
        "course_id": row["course_id"],
        "given_on": _day(row["given_on"]),
        "units": _number(row["units"]),
        "product": row["product"],
        "outcome": row["outcome"],
        "kind": row["kind"],
        "lot_expires_on": _day(row["lot_expires_on"]),
        **({"indication": row["indication"]} if "indication" in row else {}),
    }


def _hold(row: Row) -> Json:
    return {"from": _day(row["starts_on"]), "until": _day(row["ends_on"]), "reason": row["reason"].value}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _number(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
