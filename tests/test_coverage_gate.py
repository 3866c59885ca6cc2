"""The gate of coverage lets nothing short through: shown on reports made up for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.coverage_gate import main, shortfalls


def report(path: str, percent: float, lines: list[int], branches: list[list[int]]) -> dict[str, Any]:
    summary = {
        "percent_covered": percent,
        "missing_lines": len(lines),
        "missing_branches": len(branches),
    }
    return {"files": {path: {"summary": summary, "missing_lines": lines, "missing_branches": branches}}}


DOMAIN = "clinic_scheduler/domain/visits/visit_day.py"
WEB = "clinic_scheduler/web/sign_in.py"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (report(DOMAIN, 100.0, [], []), []),
        (report(DOMAIN, 99.5, [], [[10, 12]]), ["missing lines none, branches 10->12"]),
        (report(DOMAIN, 99.5, [7], []), ["missing lines 7, branches none"]),
        (report(WEB, 90.0, [3], [[3, 4]]), []),
        (report(WEB, 89.9, [3], [[3, 4]]), [f"{WEB}: 89.9 % covered, 90 at least"]),
    ],
)
def test_what_is_short_is_said(found: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    sentences = list(shortfalls(found))
    assert len(sentences) == len(said)
    assert all(part in sentence for part, sentence in zip(said, sentences, strict=True))
    file = tmp_path / "report.json"
    file.write_text(json.dumps(found))
    assert main(str(file)) == bool(said)
