"""flask forecast: lines in, lines out, one bad line its own error; no database. The rules are tested in unit/domain."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clinic_scheduler import create_app
from clinic_scheduler.cli.forecast import forecast
from config import Config

ROOT = Path(__file__).parents[3]
PRODUCT = "onabotulinumtoxinA"
QUESTION: dict[str, Any] = {
    "as_of": "2026-11-22",
    "patient": {"birth_date": "1980-05-01"},
    "courses": [
        {"id": "c1", "indication": "chronic_migraine", "product": PRODUCT, "started_on": "2026-01-05"},
    ],
    "sessions": [{"id": "s1", "course_id": "c1", "given_on": "2026-08-31", "units": 155, "product": PRODUCT}],
}
GOOD = json.dumps(QUESTION).encode()


def numbered(course_id: str) -> bytes:
    course = {**QUESTION["courses"][0], "id": course_id}
    return json.dumps({**QUESTION, "courses": [course]}).encode()


def run(content: bytes) -> Result:
    return CliRunner().invoke(forecast, ["-"], input=content)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def error_of(line: bytes) -> str:
    """What a bad line between two good ones is answered with; the good ones are answered all the same."""
    result = run(b"\n".join([GOOD, line, GOOD]) + b"\n")
    first, error, last = answers(result)
    assert first == last
    assert first["courses"][0]["due_date"] == "2026-11-23"
    assert (set(error), error["line"], result.exit_code) == ({"error", "line"}, 2, 1)
    message: str = error["error"]
    return message


def test_the_example_of_the_readme_is_answered() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"echo '([^']+)' \| tr -d '\\n' \| day84 forecast -", readme)
    result = run(example.replace("\n", "").encode())
    ((course,),) = (answer["courses"] for answer in answers(result))
    assert result.exit_code == 0
    assert (course["due_date"], course["timing"], course["cycles_given"]) == ("2026-11-23", "due", 1)


def test_a_file_is_answered_line_by_line_in_order(tmp_path: Path) -> None:
    file = tmp_path / "courses.jsonl"
    file.write_bytes(b"\n".join([numbered("c3"), numbered("c1"), numbered("c2")]))
    result = CliRunner().invoke(forecast, [str(file)])
    assert result.exit_code == 0
    assert [each["courses"][0]["id"] for each in answers(result)] == ["c3", "c1", "c2"]


def test_an_answer_is_compact_ascii_and_one_line() -> None:
    result = run(numbered("Größe \u2028 \U0001f600"))
    (line,) = result.stdout_bytes.splitlines()
    assert result.stdout_bytes == line + b"\n"
    assert line.isascii()
    assert line == json.dumps(json.loads(line), separators=(",", ":")).encode()
    assert json.loads(line)["courses"][0]["id"] == "Größe \u2028 \U0001f600"


def test_half_a_surrogate_pair_comes_back_as_it_came() -> None:
    assert rb'"id":"\ud83d"' in run(numbered("\ud83d")).stdout_bytes


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_asked_nothing_answered(content: bytes) -> None:
    result = run(content)
    assert (result.exit_code, result.stdout_bytes) == (0, b"")


def test_blank_lines_and_windows_line_ends_are_skipped_but_counted() -> None:
    result = run(b"\r\n" + GOOD + b"\r\n\n  \nnot json\r\n")
    good, bad = answers(result)
    assert "courses" in good
    assert (bad["line"], result.exit_code) == (5, 1)


def test_a_byte_order_mark_may_come_first_and_nowhere_else() -> None:
    assert run(b"\xef\xbb\xbf" + GOOD).exit_code == 0
    assert error_of(b"\xef\xbb\xbf" + GOOD).startswith("not JSON: ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"oops", "not JSON: Expecting value, character 1 of the line"),
        (b'{"as_of":}', "not JSON: Expecting value, character 10 of the line"),
        (b"{} {}", "not JSON: Extra data, character 4 of the line"),
        (b"\xff\xfe", "not UTF-8: byte 1 of the line"),
        (b'{"as_of": "\xe9"}', "not UTF-8: byte 12 of the line"),
        (b'{"units": NaN}', "not JSON: NaN is not a number"),
        (b'{"units": -Infinity}', "not JSON: -Infinity is not a number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"as_of": ' + b"9" * 5_000 + b"}", "a number has too many digits"),
        (b"[1]", "a line must hold one JSON object"),
        (b"null", "a line must hold one JSON object"),
        (b"{}", "as_of must be a date such as 2026-11-22, not None"),
        (GOOD.replace(b"155", b"1e999"), "sessions[0].units must be a number from 0 to 1000000000, not inf"),
        (GOOD.replace(b"2026-08-31", b"2026-08-32"), None),
        (GOOD.replace(b"2026-01-05", b"9999-12-31").replace(b'"c1", "given', b'"c2", "given'), None),
    ],
)
def test_a_bad_line_is_its_own_error(line: bytes, message: str | None) -> None:
    found = error_of(line)
    assert message is None or found == message


def test_every_bad_line_is_told_with_its_own_number() -> None:
    result = run(b"\n".join([b"x", GOOD, b"y", b"", b"z"]))
    assert [each.get("line") for each in answers(result)] == [1, None, 3, 5]
    assert result.exit_code == 1


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_said_plainly(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(forecast, [str(tmp_path / name)])
    assert result.exit_code == 2
    assert "Invalid value for 'FILE'" in result.stderr
    assert result.stdout == ""


def test_the_command_hangs_on_the_app_and_leaves_the_database_alone(tmp_path: Path) -> None:
    database = tmp_path / "unmade.db"
    app = create_app(Config.for_tests(f"sqlite:///{database}", tmp_path))
    result = app.test_cli_runner().invoke(args=["forecast", "-"], input=GOOD)
    assert (result.exit_code, len(answers(result))) == (0, 1)
    assert not database.exists()


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "forecast", "-"]
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        try:
            process.stdin.write((GOOD + b"\n") * 2_000)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it may have ended before reading everything
        assert process.stderr.read() == b""
    assert process.returncode == 1
