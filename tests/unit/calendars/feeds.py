"""Short ways to write a feed of invented rows and look at its events; no tests."""

from datetime import datetime

from clinic_scheduler.calendars.feed import patient_feed, provider_feed
from clinic_scheduler.domain.calendars.values import Row

from .lint import Component, lint, parse
from .rows import CLINIC, NOW, SUBSCRIPTION


def patient(*rows: Row, now: datetime = NOW, **options: object) -> bytes:
    return patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=now, **options)


def provider(*rows: Row, now: datetime = NOW, **options: object) -> bytes:
    return provider_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=now, **options)


def events(body: bytes) -> list[Component]:
    assert lint(body) == []
    return parse(body).parts("VEVENT")


def only_event(body: bytes) -> Component:
    (event,) = events(body)
    return event


def values(event: Component, *names: str) -> list[str]:
    return [event.one(name).value for name in names]
