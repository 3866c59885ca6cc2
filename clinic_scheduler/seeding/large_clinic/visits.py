"""The diaries of an invented large clinic: every visit of the coming weeks gets an hour of its own. No rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.services.practice.clinics import STANDARD_HOURS

WEEKS_BOOKED = 8
VISIT = timedelta(minutes=30)
# How many have a visit, by timing; of the others most do.
_BOOKED = {"closed": 0.0, "lapsed": 0.0, "overdue": 0.1}


@dataclass(frozen=True, slots=True)
class Slot:
    provider_id: int
    starts_at: datetime


class Diaries:
    """Gives each provider's hours away from the day's first on; what was given is not given again."""

    def __init__(self, providers: Sequence[int], today: date, zone: ZoneInfo) -> None:
        self._today, self._zone = today, zone
        self._given: Counter[tuple[int, date]] = Counter()
        self._hours: dict[date, list[datetime]] = {}
        self.providers = providers

    def book(self, random: Random, provider_id: int, forecast: Forecast) -> Slot | None:
        """For most who are due within the weeks booked; now and then at a day that is too early or too late."""
        if random.random() >= _BOOKED.get(forecast.timing, 0.7):
            return None
        first = max(forecast.due_date, self._today + timedelta(1))
        if random.random() < 0.03:
            first += timedelta(random.choice((-14, 40)))
        if not self._today < first <= self._today + timedelta(weeks=WEEKS_BOOKED):
            return None
        return next(self._free(provider_id, first), None)

    def _free(self, provider_id: int, first: date) -> Iterator[Slot]:
        for day in (first + timedelta(n) for n in range(7)):
            hours, given = self._hours_of(day), self._given[provider_id, day]
            if given < len(hours):
                self._given[provider_id, day] += 1
                yield Slot(provider_id, hours[given])

    def _hours_of(self, day: date) -> list[datetime]:
        """Every start of a visit that day, in order; a day's hours are the same for all."""
        if day not in self._hours:
            self._hours[day] = [
                to_utc(day, start, self._zone) + n * VISIT
                for weekday, start, end in STANDARD_HOURS
                if weekday == day.weekday()
                for n in range((end.hour - start.hour) * 2)
            ]
        return self._hours[day]
