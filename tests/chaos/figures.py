"""What a scenario has to show for itself: every message's fate, told by the mail server's own log."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import create_engine, text

OPEN = ("pending", "sending")
SETTLED = (*OPEN, "suppressed")


@dataclass(frozen=True)
class Figures:
    """`lost`: not told and no doubt on record; `doubled`: told more than once and no doubt on record.

    `twice`: how many tellings were one too many, flagged or not; `stuck`: still waiting at the end. `wrong`: what else
    did not hold.
    """

    messages: int
    taken: int = 0
    lost: int = 0
    doubled: int = 0
    twice: int = 0
    marked: int = 0
    stuck: int = 0
    wrong: str = ""
    note: str = ""

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.stuck or self.wrong)

    def noted(self, note: str, *, wrong: str = "") -> "Figures":
        return replace(self, note=note, wrong=wrong)


def told(log: Path) -> Counter[str]:
    """How often the mail server took each Message-ID."""
    return Counter(log.read_text().split() if log.exists() else ())


def counted(address: str, log: Path, expected: int) -> Figures:
    """Every message in the database beside the mail server's log; `expected` must be there."""
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            # Before the messages: what becomes one in between is then counted twice rather than not at all.
            of = "FROM reminders WHERE kind = 'time_to_book' AND id NOT IN (SELECT reminder_id FROM messages)"
            unplanned = connection.execute(text(f"SELECT count(*) {of} AND state = 'pending'")).scalar_one()
            off = connection.execute(text(f"SELECT count(*) {of} AND state = 'suppressed'")).scalar_one()
            rows = connection.execute(text("SELECT id, message_id, state, maybe_sent FROM messages")).all()
            unclear = "SELECT DISTINCT message_id FROM delivery_attempts WHERE outcome = 'ambiguous'"
            doubts = set(connection.execute(text(unclear)).scalars())
    finally:
        engine.dispose()
    return figures_of(rows, doubts, told(log), expected - off, unplanned)


def figures_of(
    rows: Collection[tuple[int, str, str, bool]],
    doubts: Collection[int],
    taken: Counter[str],
    expected: int,
    unplanned: int,
) -> Figures:
    flagged = {
        mail_id for key, mail_id, state, maybe in rows if key in doubts or maybe or state == "uncertain"
    }
    # What was called off meanwhile, such as by a booking, is not owed.
    untold = [mail_id for _, mail_id, state, _ in rows if state not in SETTLED and not taken[mail_id]]
    # What is called sent must have been taken, whatever doubts there were before.
    false = {mail_id for _, mail_id, state, _ in rows if state == "sent" and not taken[mail_id]}
    return Figures(
        messages=expected,
        taken=taken.total(),
        lost=sum(mail_id in false or mail_id not in flagged for mail_id in untold)
        + max(0, expected - len(rows) - unplanned),
        doubled=sum(times > 1 and mail_id not in flagged for mail_id, times in taken.items()),
        twice=taken.total() - len(taken),
        marked=len(flagged),
        stuck=sum(state in OPEN for _, _, state, _ in rows) + unplanned,
    )
