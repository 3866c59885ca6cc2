"""What a process that opens other people's files may know of ours: nothing. Secrets live in the environment."""

import os

_NEEDED = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # without these, Python does not start on some systems


def bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}
