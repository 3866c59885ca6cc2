"""GET /calendar/<token>.ics: the feed calendar apps fetch, for whoever holds the link. Never a page, never HTML."""

import logging
import re
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from flask import Blueprint, Response, current_app, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers
from werkzeug.http import http_date, quote_etag

from clinic_scheduler.calendars.event_texts import full_title
from clinic_scheduler.calendars.feed import feed_version, patient_feed, provider_feed, published, stopped_feed
from clinic_scheduler.calendars.feed_cache import Blocks, CachedFeed, CachedFeeds
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.calendars.values import Audience
from clinic_scheduler.domain.local_time import known_zone
from clinic_scheduler.domain.token_hash import token_hash
from clinic_scheduler.queries.calendars.change_stamp import calendar_stamp
from clinic_scheduler.queries.calendars.links import Feed, feed_for_token
from clinic_scheduler.queries.calendars.rows import Subject, calendar_rows
from clinic_scheduler.services.calendars.feeds import mark_used
from clinic_scheduler.web.context import engine, now, reading, settings
from clinic_scheduler.web.limits import CALENDAR_GUESSES, limiter
from clinic_scheduler.web.policies import public

blueprint = Blueprint("calendar", __name__)
blueprint.record_once(lambda state: state.app.extensions.setdefault("calendar_feeds", CachedFeeds()))
log = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOTICE_SHOWN_FOR = timedelta(days=30)
MARK_USED_EVERY = timedelta(hours=1)
ALARM_BEFORE = timedelta(days=1)
TRY_AGAIN_AFTER = "300"
_SECOND = timedelta(seconds=1)
_NAME = re.compile(r"([A-Za-z0-9_-]{43})\.ics", re.ASCII)
_HEADERS = {
    "Cache-Control": "private, no-cache",
    # Search engines obey this only where robots.txt lets them fetch (a block there stops Google Calendar too).
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}


@blueprint.route("/calendar/<path:name>", methods=METHODS, provide_automatic_options=False)
@public
def feed(name: str) -> Response:
    """200 or 304 for a link that holds; the same 404 for unknown, malformed and long revoked ones."""
    if request.method not in ("GET", "HEAD"):
        return _plain(405, "Calendars can only be read: GET and HEAD are allowed.", {"Allow": "GET, HEAD"})
    match = _NAME.fullmatch(name)
    try:
        return _answer(match.group(1)) if match else _unknown()
    except SQLAlchemyError as error:
        log.error("a calendar could not be read (%s)", type(error).__name__)
        return _plain(503, "Out of order; try again later.", {"Retry-After": TRY_AGAIN_AFTER})


def _answer(token: str) -> Response:
    asked = _kept(token)
    if asked is None:
        return _unknown()
    kept, long_unused = asked
    revoked_at = kept.link.revoked_at
    if revoked_at is not None and now() - revoked_at > NOTICE_SHOWN_FOR:
        return _unknown()
    response = _fresh_or_not(kept)
    if long_unused:
        _note_use(kept.link.id)
    return response


def _unknown() -> Response:
    try:
        with limiter.limit(CALENDAR_GUESSES):
            return _plain(404, "There is no such calendar.")
    except RateLimitExceeded:
        # In plain text too: some readers take any page for an empty calendar.
        return _plain(
            429, "Too many addresses that are none; try again later.", {"Retry-After": TRY_AGAIN_AFTER}
        )


def _fresh_or_not(kept: CachedFeed[Feed]) -> Response:
    """304 where the reader has these very bytes already; that is known before anything is rendered."""
    fresh = _has(kept.version, kept.last_modified)
    if not fresh and kept.body is None:
        kept.body = _notice(kept.link) if kept.link.revoked_at else _rendered(kept)
        _feeds().keep(kept.link.token_hash, kept)
    headers = Headers(_headers(kept.version, kept.last_modified))
    return Response(None if fresh else kept.body, 304 if fresh else 200, headers)


def _has(version: str, last_modified: datetime) -> bool:
    """RFC 9110 section 13.1: tags are compared weakly, as a proxy that compresses makes ours weak; a date counts
    only where no tag was sent."""
    if request.if_none_match:
        return request.if_none_match.contains_weak(version)
    since = request.if_modified_since
    return since is not None and last_modified.replace(microsecond=0) <= since


@lru_cache(maxsize=4096)
def _headers(version: str, last_modified: datetime) -> tuple[tuple[str, str], ...]:
    """Written once for each edition of a feed: to write them takes as long as to find that it is unchanged."""
    return (
        ("Content-Type", "text/calendar; charset=utf-8"),
        *_HEADERS.items(),
        ("ETag", quote_etag(version)),
        ("Last-Modified", http_date(last_modified)),
    )


def _kept(token: str) -> tuple[CachedFeed[Feed], bool] | None:
    """The feed as this process made it before, if nothing it was made from has changed, else as it is now; and
    whether it is long since it was used. None for a token that opens nothing.

    The stamp is read before what is made from it, never after: a change in between only makes it made twice.
    """
    hashed = token_hash(token)
    former = _feeds().find(hashed)
    subject = former.link.subject if former else _subject(token)
    if subject is None:
        return None
    stamp = calendar_stamp(engine(), hashed, subject, now(), now() - MARK_USED_EVERY)
    if stamp is None:
        return None
    if former is not None and former.made_from == stamp.made_from:
        return former, stamp.long_unused
    found = feed_for_token(reading(), token, settings().uid_host)
    return (_made(found, stamp.made_from, former), stamp.long_unused) if found else None


def _subject(token: str) -> Subject | None:
    """In a moment of its own: a session would go on seeing the rows as they were at its first look."""
    with engine().connect() as connection:
        found = feed_for_token(connection, token, settings().uid_host)
    return found.subject if found else None


def _made(found: Feed, made_from: Hashable, former: CachedFeed[Feed] | None) -> CachedFeed[Feed]:
    rows = () if found.revoked_at else calendar_rows(reading(), found.subject, now())
    shown = tuple(row for row in rows if published(row, now()))
    version = feed_version(
        shown, found.clinic, found.subscription, _audience(found), found.revoked_at, _alarm_before(found)
    )
    kept = CachedFeed(
        found,
        made_from,
        shown,
        version=version,
        last_modified=_last_modified(version, former),
        blocks=Blocks(former.blocks if former else None),
    )
    _feeds().keep(found.token_hash, kept)
    return kept


def _last_modified(version: str, former: CachedFeed[Feed] | None) -> datetime:
    """When this process first saw the edition, which is no earlier than it became one. The newest row would not do:
    what leaves a calendar leaves no row to tell when. Dates in headers are whole seconds, so each edition has its own.
    """
    if former is None:
        return now()
    return former.last_modified if former.version == version else max(now(), former.last_modified + _SECOND)


def _feeds() -> CachedFeeds[Feed]:
    """This process's own."""
    return cast(CachedFeeds[Feed], current_app.extensions["calendar_feeds"])


def _rendered(kept: CachedFeed[Feed]) -> bytes:
    found = kept.link
    render = patient_feed if found.subject.patient_id is not None else provider_feed
    body = render(
        kept.rows,
        clinic=found.clinic,
        subscription=found.subscription,
        now=now(),
        audience=_audience(found),
        alarm_before=_alarm_before(found),
        cache=kept.blocks,
    )
    kept.blocks.forget_former()
    return body


def _notice(found: Feed) -> bytes:
    """Readers keep what they had on an error and ignore an empty calendar; one notice replaces it all."""
    assert found.revoked_at is not None
    return stopped_feed(
        on=found.revoked_at.astimezone(known_zone(found.clinic.zone) or UTC).date(),
        clinic=found.clinic,
        subscription=found.subscription,
        updated_at=found.revoked_at,
        audience=_audience(found),
    )


def _audience(found: Feed) -> Audience:
    kind, reveal = cast(Any, found.subject.kind), cast(Any, found.reveal)
    return Audience(kind, reveal, full_title(found.language), found.language)


def _alarm_before(found: Feed) -> timedelta | None:
    return ALARM_BEFORE if found.alarms else None


def _note_use(link_id: int) -> None:
    """Staff see when a link was last used, to the hour; a failure to note it must not cost the reader the feed."""
    try:
        with unit_of_work() as session:
            mark_used(session, link_id, now())
    except SQLAlchemyError:
        log.warning("a calendar link's use could not be noted")


def _plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(f"{text}\n", status, {**_HEADERS, **(headers or {})}, mimetype="text/plain")
