"""flask calendar-link: a link of a patient, a provider or the clinic, printed and kept as a hash."""

import re

from sqlalchemy import select

from clinic_scheduler.domain.token_hash import token_hash
from clinic_scheduler.models import AuditEvent, CalendarFeed
from tests.functional.cli.logs import contents, counts, run
from tests.functional.cli.seen import Seen

FEEDS = select(
    CalendarFeed.patient_id, CalendarFeed.provider_id, CalendarFeed.name, CalendarFeed.token_sha256
)


def token_in(output: str) -> str:
    found = re.fullmatch(r"http://localhost/calendar/([\w-]{43})\.ics\n", output)
    assert found, output
    return found[1]


def test_a_patients_link_is_kept_as_a_hash_and_audited(seen: Seen) -> None:
    result = run(seen.app, "calendar-link", "--patient", "A-100", "--name", "Phone")
    assert result.exit_code == 0
    token = token_in(result.stdout)
    assert contents(seen.app, FEEDS) == [(seen.patient_id, None, "Phone", token_hash(token))]
    issued = select(AuditEvent.actor, AuditEvent.action).where(AuditEvent.subject == "calendar_feeds")
    assert contents(seen.app, issued) == [("command line", "issued")]


def test_a_providers_link_opens_their_calendar(seen: Seen) -> None:
    result = run(seen.app, "calendar-link", "--provider", "sato")
    assert [row[:2] for row in contents(seen.app, FEEDS)] == [(None, seen.other_provider_id)]
    answer = seen.app.test_client().get(f"/calendar/{token_in(result.stdout)}.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")


def test_the_clinics_own_calendars_are_named_by_what_they_show(seen: Seen) -> None:
    for option, summary in (("--day", "Clinic day"), ("--due-windows", "Visits to book")):
        answer = seen.app.test_client().get(
            f"/calendar/{token_in(run(seen.app, 'calendar-link', option).stdout)}.ics"
        )
        assert f"X-WR-CALNAME:{summary}" in answer.text


def test_one_subject_is_named_and_known(seen: Seen) -> None:
    for subject in ((), ("--patient", "A-100", "--provider", "sato")):
        assert run(seen.app, "calendar-link", *subject).exit_code == 2
    failed = run(seen.app, "calendar-link", "--patient", "Z-9")
    assert (failed.exit_code, failed.stderr) == (1, "Error: no patient has the MRN Z-9\n")
    assert counts(seen.app)["calendar_feeds"] == 0
