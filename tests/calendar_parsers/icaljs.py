"""ical.js, which Thunderbird reads calendars with, in one Node process for many calendars."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests import databases
from tests.calendar_parsers.seen import Seen

HERE = Path(__file__).parent


def read(bodies: Sequence[bytes]) -> list[list[Seen]]:
    node = shutil.which("node")
    if node is None:
        databases.lacking("Node.js is missing: install it (Debian: apt-get install nodejs).")
    if not (HERE / "node_modules" / "ical.js").is_dir():
        databases.lacking("ical.js is missing: run `npm ci` in tests/calendar_parsers, or `make test`.")
    ran = subprocess.run(
        [node, HERE / "icaljs.mjs"],
        input=json.dumps([body.decode() for body in bodies]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [[Seen(*event) for event in events] for events in json.loads(ran.stdout)]
