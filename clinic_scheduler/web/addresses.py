"""Addresses of many things alike, spelled out once."""

from collections.abc import Callable
from typing import Any

_NUMBER = 918_273_645_546_372_819


def addresses(make: Callable[..., str], *args: Any, by: str, **values: Any) -> Callable[[int | str], str]:
    """What `make` (url_for, Place.address) says of each, where only the value of `by` differs.

    Asking it hundreds of times takes most of a long page's time. A value needs no quoting: a number or a token.
    """
    pattern = make(*args, **{by: _NUMBER}, **values)
    return lambda value: pattern.replace(str(_NUMBER), str(value))
