"""The clinic of factories.py as a terminal sees it: plain ids, and short ways to change something beforehand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.actors import Actor
from tests import factories

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    app: Flask
    now: datetime
    cast: factories.Cast

    @property
    def actor(self) -> Actor:
        return self.cast.actor

    @property
    def patient_id(self) -> int:
        return self.cast.patient_id

    @property
    def course_id(self) -> int:
        return self.cast.course_id

    @property
    def other_provider_id(self) -> int:
        return self.cast.other_provider_id

    def change(self, work: Callable[[Session], T]) -> T:
        with self.app.app_context(), unit_of_work() as session:
            return work(session)

    def another(
        self, mrn: str = "A-200", *, provider_id: int | None = None, last: date = date(2026, 8, 31)
    ) -> int:
        """A second patient's course."""

        def work(session: Session) -> int:
            patient = factories.person(session, self.actor, self.now, mrn=mrn, given_name="Bruno")
            course = factories.migraine(session, self.actor, self.now, patient, provider_id=provider_id)
            factories.treat(session, self.actor, self.now, course, last)
            return course.id

        return self.change(work)
