"""A worker as the product has it, but for its clock, which a scenario sets; run as a program.

Settings come from the environment. The file named by CHAOS_CLOCK holds how many seconds the
machine's clock is to be put forward; it may change meanwhile.
"""

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

from clinic_scheduler import create_app
from clinic_scheduler.cli.worker import stop_on_signals
from clinic_scheduler.clock import SystemClock
from clinic_scheduler.jobs.runner import run_worker
from config import Config


class SetClock:
    """The machine's clock, put forward."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=float(self._file.read_text()))


def main() -> None:
    stop = threading.Event()
    stop_on_signals(stop)
    run_worker(create_app(Config.from_env(os.environ), clock=SetClock(Path(os.environ["CHAOS_CLOCK"]))), stop)


if __name__ == "__main__":
    main()
