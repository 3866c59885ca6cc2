"""PgBouncer in transaction mode, with fewer connections than the workers would like."""

from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "PgBouncer"
DATABASES = ("postgresql",)
MESSAGES, CONNECTIONS, WORKERS = 300, 3, 2


def run(place: Place) -> Figures:
    from tests.postgresql import pgbouncer

    place.people(MESSAGES)
    with place.mail(), pgbouncer(place.address, CONNECTIONS) as pooled:
        for _ in range(WORKERS):
            place.worker(DATABASE_URL=pooled)
        # An outcome that found no connection is written down from its note, once its lease has run out.
        figures = place.quiet(MESSAGES, 180)
    # Nobody was killed, so nothing is in doubt either.
    wrong = "outcomes were lost" if figures.marked or figures.twice else ""
    return figures.noted(f"{WORKERS} workers over {CONNECTIONS} connections", wrong=wrong)
