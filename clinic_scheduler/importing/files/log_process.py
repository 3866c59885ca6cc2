"""Reading a log in a process of its own: a request and the file on standard input, JSON lines out.

It is run as a program, by `limited`, and limits itself in memory and computing before it looks at the file. A
line is a word and its JSON: `at [rows, of how many or null]`, `patient [rows]`, at last `told [report, place]` or
`refused [kind of error, message]`. Asked for a look alone, it says `looked [look]` (looks.py) in place of rows.
"""

import contextlib
import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

LONGEST_MESSAGE = 1_000


def _limit(seconds: int, memory: int) -> None:
    # Not every system has limits; there the clock of whoever waits is the only one.
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would be a copy of the file


def _package_without_its_service() -> None:
    """Make the package a bare folder: what its own beginning imports is the whole service, slow and not needed."""
    package = ModuleType("clinic_scheduler")
    package.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["clinic_scheduler"] = package


def _say(word: str, *values: Any) -> None:
    _line(word, json.dumps(values, ensure_ascii=False))


def _line(word: str, told: str) -> None:
    sys.stdout.buffer.write(f"{word} {told}\n".encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _read(request: dict[str, Any], content: bytes) -> None:
    """Say the rows, patient by patient, and then the report on them. Raises ImportFileError."""
    from clinic_scheduler.importing import parse_mapping, read_log
    from clinic_scheduler.importing.report import reading_report
    from clinic_scheduler.importing.spool import by_patient, written

    if request["any_kind"] and _read_as_diary(request, content):
        return
    reading = read_log(
        content,
        as_of=date.fromisoformat(request["as_of"]),
        filename=request["filename"],
        mapping=parse_mapping(request["mapping"]) if request["mapping"] is not None else None,
        progress=lambda done, total: _say("at", done, total),
    )
    for patient in by_patient(reading.rows):
        _line("patient", written(patient))
    places = Counter(row.location for row in reading.rows if row.location)
    place = places.most_common(1)[0][0] if places else None
    _say("told", reading_report(request["filename"], reading), place)


def _look(request: dict[str, Any], content: bytes) -> None:
    """Say what the columns may be. Raises ImportFileError."""
    from clinic_scheduler.importing.columns.looks import look_at, look_told

    look = look_at(
        content,
        request["filename"],
        request["mapping"],
        request["remembered"],
        lambda rows: _say("at", rows, None),
    )
    _say("looked", look_told(look))


def _read_as_diary(request: dict[str, Any], content: bytes) -> bool:
    """The same of a list of visits or contacts; says nothing where the file is a log, whose mapping is left."""
    from clinic_scheduler.importing.diary.columns import parse_diary_mapping
    from clinic_scheduler.importing.diary.reading import by_patient, read_diary

    mapping, request["mapping"] = parse_diary_mapping(request["mapping"])
    reading = read_diary(
        content,
        as_of=date.fromisoformat(request["as_of"]),
        filename=request["filename"],
        mapping=mapping,
        heard=lambda done, total: _say("at", done, total),
    )
    if reading is not None:
        for line in by_patient(reading.rows):
            _line("patient", line)
        _say("told", reading.told, None)
    return reading is not None


def main() -> int:
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request["seconds"], request["memory"])
    _package_without_its_service()
    from clinic_scheduler.importing.errors import ImportFileError

    try:
        answer = _look if "remembered" in request else _read
        answer(request, sys.stdin.buffer.read())
    except ImportFileError as error:
        _say("refused", type(error).__name__, str(error)[:LONGEST_MESSAGE])
    except (MemoryError, RecursionError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
