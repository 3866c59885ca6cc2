"""The dead man's ping: a word to a watcher outside that work goes on; when it stops coming, the watcher tells."""

import logging
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import IO
from urllib.parse import urlsplit

EVERY = timedelta(minutes=1)
_LOCAL = ("localhost", "127.0.0.1", "::1")
logger = logging.getLogger(__name__)


class _Stay(urllib.request.HTTPRedirectHandler):
    """The address is a secret: it is not handed on to wherever an answer points."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> None:
        return None


class Ping:
    """Asks `url` at most once a minute. Failing never stops work; it is logged once, until it works again."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise ValueError("The ping's address must begin with https, or be this machine's own.")
        self._url, self._timeout = url, timeout
        self._opener = urllib.request.build_opener(_Stay)
        self._next: datetime | None = None
        self._failing = False

    def __call__(self, now: datetime) -> None:
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        try:
            with self._opener.open(self._url, timeout=self._timeout):
                self._failing = False
        except (OSError, ValueError, HTTPException) as error:
            # Only the error's type: its text may hold the address.
            if not self._failing:
                logger.warning(
                    "the watcher outside could not be told that work goes on (%s)", type(error).__name__
                )
            self._failing = True


def no_ping(_now: datetime) -> None:
    """Where nobody outside watches."""
