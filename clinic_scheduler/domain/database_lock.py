"""How long anybody waits for another program that writes to the database file, and what is said then."""

# Nobody waits longer at a page. Waiting is not fair in SQLite: under heavy contention a try may lose many rounds.
LOCK_WAIT_SECONDS = 20
LOCKED = f"Another program has been writing to the database for {LOCK_WAIT_SECONDS} seconds"


def is_locked(error: BaseException) -> bool:
    """Whether this is SQLite's word for having waited in vain."""
    return "database is locked" in str(getattr(error, "orig", None))
