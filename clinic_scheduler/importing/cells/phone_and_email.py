"""Phone numbers and email addresses from cells. Whether anybody may be contacted is decided elsewhere."""

import re
from functools import lru_cache

import phonenumbers

from clinic_scheduler.domain.typed_text import is_address

_BETWEEN = re.compile(r"\s*(?:[/;|\n]|,|\bor\b)\s*", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def read_phone(text: str, region: str) -> str | None:
    """The first valid number of a cell as E.164, without its extension; None where there is none."""
    for part in _BETWEEN.split(text):
        try:
            parsed = phonenumbers.parse(part, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def read_email(text: str) -> str | None:
    """The first address of a cell, its domain in lower case; None where there is none."""
    for part in re.split(r"[;,\s]+", text.removeprefix("mailto:")):
        bare = part.strip("<>")
        if is_address(bare):
            local, _, domain = bare.rpartition("@")
            return f"{local}@{domain.lower()}"
    return None
