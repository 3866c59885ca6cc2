"""Rows' numbers in addresses and forms, and addresses of many things of one kind, built once."""

import re
from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

LARGEST_KEY = 2**31 - 1
_NUMBER = 918_273_645_546_372_819


class KeyConverter(IntegerConverter):
    """A row's number in an address; what is beyond any row's is an address that is not there."""

    # Python refuses to read a number of thousands of digits, and says so in another way than a route can hear.
    regex = r"[0-9]{1,10}"

    def __init__(self, map: Any, **more: Any) -> None:
        super().__init__(map, **({"max": LARGEST_KEY} | more))


def key_in(text: str) -> int | None:
    """The row's number that is written there, 0 for nobody's; None for anything that is none."""
    digits = text if re.fullmatch("[0-9]{1,10}", text) else ""
    return int(digits) if digits and int(digits) <= LARGEST_KEY else None


def key_of(choice: object) -> int:
    """The same for a form's list of rows. Raises ValueError."""
    key = key_in(str(choice))
    if key is None:
        raise ValueError("no row has this number")
    return key


def asked_key(name: str) -> int | None:
    """A row's number in the query of the request's address."""
    return key_in(request.args.get(name, "")) or None


def addresses(make: Callable[..., str], *args: Any, by: str, **values: Any) -> Callable[[int | str], str]:
    """What `make` (url_for, Place.address) says of each, where only the value of `by` differs.

    Asking it hundreds of times takes most of a long page's time. A value needs no quoting: a number or a token.
    """
    pattern = make(*args, **{by: _NUMBER}, **values)
    return lambda value: pattern.replace(str(_NUMBER), str(value))
