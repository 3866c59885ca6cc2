"""Uploads while they are read: how far that is, what is refused, what is left of them; one size limit everywhere."""

import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from clinic_scheduler.importing.files.limits import (
    MAX_FILE_BYTES,
    MAX_MAPPING_BYTES,
    MAX_SIZE_SAID,
    MAX_UPLOAD_BYTES,
)
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.uploads import HEADER, LOG, kept, send

MANY = LOG + "N-3,Harris,Tom,1969-07-08,Chronic migraine,Botox,9/23/2026,155,C2,\n" * 3_000


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def test_a_page_says_how_far_reading_is(
    admin: Visitor, app: Flask, cast: factories.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_scheduler.web.imports.import_reading.AT_ONCE", 0)
    admin.get("/imports")
    began = admin.post("/imports", log=(io.BytesIO(MANY.encode()), "../names/log.csv"))
    page = admin.get(began.location)
    assert "Reading log.csv Nothing is added yet." in words(page)
    assert 'data-reading="/imports/reading.json"' in page.text
    state: dict[str, Any] = {"finished": False}
    while not state["finished"]:
        state = admin.get("/imports/reading.json").json or {}
        assert set(state) == {"done", "total", "says", "finished"}
    assert state["says"].startswith("All rows are read")
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept(app)} == {0o600}
    assert admin.get("/imports/reading").location == "/imports/check"
    assert "3000 repeats" in words(admin.get("/imports/check"))
    assert admin.get("/imports/reading").location == "/imports/check"
    assert admin.get("/imports/reading.json").status_code == 404


def test_a_dropped_upload_is_read_no_further_and_leaves_nothing(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    admin.get("/imports")
    assert admin.post("/imports", log=(io.BytesIO(MANY.encode()), "log.csv")).status_code == 302
    other = Visitor(app.test_client())
    other.sign_in("admin")
    assert other.get("/imports/reading").status_code == 404
    admin.post("/imports/drop")
    assert admin.get("/imports/reading").status_code == 404
    assert kept(app) == []


def test_a_reading_that_went_down_with_its_process_is_said(
    admin: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.get("/imports")
    admin.post("/imports", log=(io.BytesIO(LOG.encode()), "log.csv"))
    while not (admin.get("/imports/reading.json").json or {})["finished"]:
        pass
    # As it was before the end, with nobody left to bring that about.
    (state,) = (path for path in kept(app) if path.suffix == ".reading")
    state.write_text(json.dumps(json.loads(state.read_bytes()) | {"told": None}), "utf-8")
    monkeypatch.setattr("clinic_scheduler.web.imports.import_reading.AT_ONCE", 0)
    minute_ago = clock.now().timestamp() - 60
    os.utime(state, (minute_ago, minute_ago))
    answer = admin.get("/imports/reading")
    assert answer.status_code == 422
    assert "Reading was interrupted" in words(answer)
    assert kept(app) == []


@pytest.mark.parametrize(
    ("content", "mapping", "word"),
    [
        ("", '{"columns": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested far deeper"),
        ("", '{"encoding": "punycode"}', "not a text encoding"),
        ("", " " * (MAX_MAPPING_BYTES + 1), "larger than 1 MB"),
        ("\n" * 9_000_000, None, "more than 1,048,576 lines"),
        ("x" * MAX_FILE_BYTES, None, f"larger than {MAX_SIZE_SAID}"),
    ],
    ids=["nested", "punycode", "mapping", "blank lines", "size"],
)
def test_a_hostile_upload_is_refused_in_plain_words(
    admin: Visitor, app: Flask, content: str, mapping: str | None, word: str
) -> None:
    answer = send(admin, LOG + content, mapping=mapping)
    assert answer.status_code == 422
    assert word in words(answer)
    assert "Nothing was imported" in words(answer)
    assert kept(app) == []


def test_one_size_limit_on_the_page_in_the_documentation_and_in_fact(admin: Visitor, app: Flask) -> None:
    assert f"file of at most {MAX_SIZE_SAID}" in words(admin.get("/imports"))
    docs = Path(__file__).parents[3] / "docs" / "importing.md"
    assert f"files over {MAX_SIZE_SAID} too" in docs.read_text("utf-8")
    assert MAX_SIZE_SAID in app.test_cli_runner().invoke(args=["import-log", "--help"]).output
    answer = send(admin, "x" * (MAX_UPLOAD_BYTES + 1))
    assert answer.status_code == 413
    assert f"Send a file of at most {MAX_SIZE_SAID}" in words(answer)


def test_rows_the_database_refuses_are_counted_where_they_are_too_many_to_list(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    others = "".join(
        f"A-100,Okonkwo,Adaeze,1999-01-01,Chronic migraine,Botox,2026-{n % 12 + 1:02}-01,{150 + n // 12},C2,\n"
        for n in range(1_596)
        if n % 12 < 9
    )
    send(admin, HEADER + others)
    admin.post("/imports/run")
    told = json.loads(admin.get("/imports/report.json").data)
    assert told["bad_rows"] == 1_197
    # All rows of a visit together are remarked on as well.
    assert len(told["problems"]) + told["problems_unlisted"] == 1_197 + 9
    assert told["problems_unlisted"] > 0


def test_no_page_and_no_command_opens_a_log_itself() -> None:
    """That is for the limited process; whoever reads otherwise does so by one of these names."""
    package = Path(__file__).parents[3] / "clinic_scheduler"
    opening = ("read_log", "read_table", "guess_file", "look_at(content", "read_workbook", "read_text_table")
    files = [path for room in ("web", "cli", "jobs", "api") for path in (package / room).rglob("*.py")]
    assert files
    assert [path.name for path in files if any(name in path.read_text("utf-8") for name in opening)] == []
