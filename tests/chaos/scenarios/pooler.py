"""PgBouncer in transaction mode, with fewer connections than the workers would like."""

from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "PgBouncer"
DATABASES = ("postgresql",)
MESSAGES, CONNECTIONS, WORKERS = 300, 2, 3


def run(place: Place) -> Figures:
    from tests.postgresql import pgbouncer

    place.people(MESSAGES)
    with place.mail(), pgbouncer(place.address, CONNECTIONS) as pooled:
        for _ in range(WORKERS):
            place.worker(DATABASE_URL=pooled)
        figures = place.quiet(MESSAGES, 100)
    # Nobody was killed, so nothing is in doubt either.
    wrong = "outcomes were lost" if figures.marked or figures.twice else ""
    return figures.noted(f"{WORKERS} workers over {CONNECTIONS} connections", wrong=wrong)
