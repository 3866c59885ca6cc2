"""A calendar link's addresses: the subscribe page, and what each calendar program opens. No rows are written here."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app

from clinic_scheduler.calendars.event_texts import calendar_name
from clinic_scheduler.links import Links
from clinic_scheduler.queries.calendars.links import told_token

GOOGLE = "https://calendar.google.com/calendar/r/settings/addbyurl"
OUTLOOK = "https://outlook.live.com/calendar/0/addfromweb"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Google has no link that takes an address: theirs opens the page to paste it into."""

    page: str
    https: str
    apple: str
    outlook: str
    google: str = GOOGLE


def links() -> Links:
    found: Links = current_app.extensions["clinic"].links
    return found


def addresses(token: str, kind: str = "patient", language: str = "en") -> Addresses:
    https = links().calendar(token)
    return Addresses(
        page=links().subscribe_page(token),
        https=https,
        apple="webcal://" + https.split("://", 1)[1],
        outlook=f"{OUTLOOK}?{urlencode({'url': https, 'name': calendar_name(kind, language)}, quote_via=quote)}",
    )


def addresses_of(feed: Any) -> Addresses | None:
    """Of a link's row; None where it cannot be shown again: its token was drawn at random, or its key is gone."""
    token = told_token(feed, links().calendar_tokens(feed.uid)) if feed.uid else None
    return addresses(token, feed.kind, feed.language) if token else None
