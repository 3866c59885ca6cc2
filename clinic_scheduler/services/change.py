"""One change of a clinic's rows: in which transaction, by whom and when. What every service that writes is given."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.actors import Actor


@dataclass(frozen=True)
class Change:
    """Made once for a unit of work and handed down whole, so that all of it has one author and one instant."""

    session: Session
    actor: Actor
    now: datetime

    @property
    def clinic_id(self) -> int:
        return self.actor.clinic_id

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's zone, read when it is first asked for."""
        return clinic_zone(self.session, self.clinic_id)

    def learn(self, zone: ZoneInfo) -> None:
        """The zone came along with something else that was read: it is not asked for again."""
        self.__dict__["zone"] = zone

    @property
    def today(self) -> date:
        """The clinic's day."""
        return self.now.astimezone(self.zone).date()
