"""The demo's passwords and calendar tokens: made at random on load, kept in DATA_DIR for the owner's eyes alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from clinic_scheduler.seeding.demo.clinic_setup import STAFF

FILE = "demo.json"
# Letters and digits that nobody confuses: 15 of them are 74 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class DemoKeys:
    """What only this file knows: the database has hashes."""

    passwords: dict[str, str]
    patient_mrn: str
    patient_token: str
    provider_token: str


def new_passwords() -> dict[str, str]:
    """By e-mail, one for each of STAFF, such as 'k7wq2-m9xha-tr4fc'."""
    return {entry.email: "-".join(_syllable() for _ in range(3)) for entry in STAFF}


def keep(keys: DemoKeys, data_dir: Path) -> None:
    """Written beside and renamed, so that the file is whole and never readable by others."""
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = data_dir / f"{FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(keys), file, indent=1)
    os.replace(fresh, data_dir / FILE)


def kept(data_dir: Path) -> DemoKeys | None:
    """What an earlier load kept; None where there is no such file or it is none of ours."""
    try:
        keys = DemoKeys(**json.loads((data_dir / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return keys if {entry.email for entry in STAFF} <= set(keys.passwords) else None


def _syllable() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))
