"""What going back to an older schema would lose, migration by migration; it is refused while there is any of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import click
from sqlalchemy import Connection, text

LOSE_ALL_THE_SAME = "lose=yes"


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows that the older schema has no place for: of a table, all or those of a condition both databases read."""

    words: str
    table: str
    where: str = ""


# Revision -> what its downgrade drops that nothing could bring back. What is only counted or computed is no loss.
LOSSES: dict[str, tuple[Loss, ...]] = {
    "0001": (Loss("clinics with all that is theirs", "clinics"),),
    "0002": (
        Loss("things patients said about messages", "consents"),
        Loss("replies of patients", "inbound_messages"),
        Loss("items of the work list", "work_items"),
        Loss("clinics' own words for messages", "message_templates"),
        Loss("clinics' own rules for reminders", "reminder_rules"),
        Loss("calendars from elsewhere", "busy_calendars"),
        Loss("reports about texts", "delivery_receipts"),
        Loss("mails to staff", "staff_notices"),
        Loss("accounts' clinics", "user_clinics"),
        Loss("reminders about no course", "reminders", "course_id IS NULL"),
        Loss("calendar links of clinics", "calendar_feeds", "kind NOT IN ('patient', 'provider')"),
        Loss("visits patients confirmed", "appointments", "confirmed_at IS NOT NULL"),
        Loss(
            "treatments accepted though early, or charged to an authorization",
            "treatments",
            "accepted_at IS NOT NULL OR authorization_id IS NOT NULL",
        ),
        Loss(
            "patients' own languages, zones and other ways to be reached",
            "patients",
            "language <> 'en' OR zone IS NOT NULL OR fallback_channel IS NOT NULL OR calendar_by <> 'feed'",
        ),
        Loss(
            "clinics' names in texts and addresses for staff mail",
            "clinics",
            "digest_email IS NOT NULL OR text_name IS NOT NULL",
        ),
    ),
    "0003": (),
    "0004": (),
    "0005": (
        Loss("languages of calendar links", "calendar_feeds", "language <> 'en'"),
        Loss("revisions that calendars have seen", "clinics", "calendar_revision > 0"),
    ),
    "0006": (
        Loss("overrides of visits", "visit_overrides"),
        Loss("questions to providers", "override_requests"),
        Loss("standing decisions", "standing_decisions"),
        Loss("clinics' own reasons", "override_reasons"),
        Loss("reports of dates that rules moved", "forecast_changes"),
        Loss("consultations and follow-ups", "appointments", "kind <> 'injection' OR outcome IS NOT NULL"),
        Loss("lengths of such visits", "procedure_lengths", "visit_kind <> 'injection'"),
        Loss("who set a hold, for what and why", "holds"),
        Loss("who recorded a treatment", "treatments", "recorded_by_id IS NOT NULL"),
        Loss("notes on the work list", "work_items", "note IS NOT NULL OR asked_by IS NOT NULL"),
    ),
    "0007": (
        Loss("labels as clinics have them", "label_versions"),
        Loss(
            "treatments given elsewhere, or of which not all is known",
            "treatments",
            "indication IS NOT NULL OR given_at IS NOT NULL OR known_from IS NOT NULL OR is_approximate"
            " OR units IS NULL OR product IS NULL",
        ),
    ),
    "0008": (Loss("mappings of imports", "import_mappings"),),
    "0009": (Loss("moves a provider was asked about", "appointments", "replaces_id IS NOT NULL"),),
    "0010": (),
    "0011": (Loss("days that questions to providers are about", "override_requests", "day IS NOT NULL"),),
    "0012": (Loss("marks of whose database this is", "installation"),),
    "0013": (Loss("keys of links in sent messages", "link_keys"),),
    "0014": (
        Loss(
            "choices of what a provider's calendar shows",
            "calendar_feeds",
            "kind = 'provider' AND NOT (due_windows AND milestones AND reviews)",
        ),
    ),
}


def refuse_to_lose(connection: Connection, revisions: Iterable[str], lose: bool) -> None:
    """Before the first of these is taken back. Raises ClickException, unless told to `lose` it."""
    found = [] if lose else [said for each in revisions if (said := _lost(connection, each))]
    if not found:
        return
    raise click.ClickException(
        f"Going back would lose {'; '.join(found)}. Nothing was changed. To go back and lose nothing that was there "
        "before the upgrade, restore the backup of that day into an empty database. To lose this all the same: "
        f"db downgrade -x {LOSE_ALL_THE_SAME}, and the revision."
    )


def _lost(connection: Connection, revision: str) -> str:
    counts = [(_count(connection, loss), loss.words) for loss in LOSSES[revision]]
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def _count(connection: Connection, loss: Loss) -> int:
    where = f" WHERE {loss.where}" if loss.where else ""
    return int(connection.execute(text(f"SELECT count(*) FROM {loss.table}{where}")).scalar_one())
