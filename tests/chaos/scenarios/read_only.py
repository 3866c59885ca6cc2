"""The service is started on a database that may only be read and a folder nobody may write to; then that is mended."""

from tests.chaos.figures import Figures
from tests.chaos.place import Place
from tests.chaos.small_disk import small_disk

NAME = "read-only"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 40
WATCHED = 15  # seconds, in which a worker would send
READ_ONLY = "%20-cdefault_transaction_read_only%3Don"


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    with small_disk(place) as disk, disk.mail():
        address = disk.address if place.kind == "sqlite" else f"{disk.address}{READ_ONLY}"
        disk.may_write(False)
        worker = disk.worker(DATABASE_URL=address)
        went = disk.until(lambda: disk.taken() > 0, WATCHED)
        ended = worker.poll() is not None
        disk.stop()
        disk.may_write(True)
        disk.worker()
        figures = disk.quiet(MESSAGES, 90)
    said = "the worker ended" if ended else "the worker waited"
    return figures.noted(said, wrong="sent what could not be written down" if went else "")
