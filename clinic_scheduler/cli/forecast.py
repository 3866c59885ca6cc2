"""flask forecast: the due-date rules on JSON Lines, without a database (domain/forecast/json_contract.py)."""

import json
import sys
from typing import Any, BinaryIO, NoReturn

import click

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.json_contract import answer

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@click.command()
@click.argument("file", type=click.File("rb"))
@click.pass_context
def forecast(context: click.Context, file: BinaryIO) -> None:
    """Forecast due dates from FILE, or from standard input if FILE is -.

    Each line holds one JSON object: a patient, the courses, what was given, and the day to judge by. Each answer is
    one line, in the same order. A line that cannot be read is answered with {"error": ..., "line": n}; the
    others are still answered, and the exit status is then 1.
    """
    out = sys.stdout.buffer
    all_read = True
    for number, line in enumerate(file, start=1):
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line.strip():
            continue
        try:
            result = answer(read_line(line))
        except InvalidInput as error:
            result = {"error": str(error), "line": number}
            all_read = False
        out.write(written_line(result))
    out.flush()
    if not all_read:
        context.exit(1)


def read_line(line: bytes) -> Any:
    """The line's JSON. Raises InvalidInput, whatever is wrong with it."""
    try:
        return _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not UTF-8: byte {error.start + 1} of the line") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error.msg}, character {error.pos + 1} of the line") from error
    except RecursionError as error:
        raise InvalidInput("nested too deeply") from error
    except InvalidInput:
        raise
    except ValueError as error:
        # Python refuses to convert more than 4,300 digits.
        raise InvalidInput("a number has too many digits") from error


def written_line(result: dict[str, Any]) -> bytes:
    """Compact, and ASCII only, so that no terminal or pipe can garble it."""
    return _ENCODER.encode(result).encode("ascii") + b"\n"


def _refuse(constant: str) -> NoReturn:
    raise InvalidInput(f"not JSON: {constant} is not a number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
# An answer is made afresh and holds no circle to look for.
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
