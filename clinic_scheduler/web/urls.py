"""Web and mail addresses of many things of one kind, built once."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST_KEY = 2**31 - 1
_NUMBER = 918_273_645_546_372_819


class KeyConverter(IntegerConverter):
    """A row's number in an address; what is beyond any row's is an address that is not there."""

    def __init__(self, map: Any, **more: Any) -> None:
        super().__init__(map, **({"max": LARGEST_KEY} | more))


def addresses(make: Callable[..., str], *args: Any, by: str, **values: Any) -> Callable[[int | str], str]:
    """What `make` (url_for, Place.address) says of each, where only the value of `by` differs.

    Asking it hundreds of times takes most of a long page's time. A value needs no quoting: a number or a token.
    """
    pattern = make(*args, **{by: _NUMBER}, **values)
    return lambda value: pattern.replace(str(_NUMBER), str(value))
