"""The details of an audit row in words: what stands against a visit, and why it was passed, read as on other pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.check_texts import TITLES
from clinic_scheduler.web.formats import words

Reasons = Mapping[tuple[str, str], str]
_BY_CODE: Mapping[str, str] = {name.value: TITLES[name] for name in Against}
# Under which keys a detail has such a code, or several.
_NAMES = frozenset({"name", "names", "block", "left"})


def in_words(details: Mapping[str, Any], reasons: Reasons) -> str:
    """`reasons` has the clinic's words by name and code."""
    return "; ".join(_lines(details, reasons))


def _lines(details: Mapping[str, Any], reasons: Reasons) -> Iterator[str]:
    passed = details.get("name") or details.get("block")
    for key, value in details.items():
        if key in _NAMES:
            said = _told(_named(value), reasons)
        elif key == "reason":
            said = reasons.get((str(passed), str(value)), _told(value, reasons))
        else:
            said = _told(value, reasons)
        yield f"{words(key).lower()} {said}"


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(each) for each in value]
    return _BY_CODE.get(value, value) if isinstance(value, str) else value


def _told(value: Any, reasons: Reasons) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Mapping):
        return ", ".join(_lines(value, reasons))
    return ", ".join(_told(each, reasons) for each in value) if value else "none"
