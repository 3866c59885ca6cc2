"""Providers, the desk and the end of the day answer one question at the same moment: one of them does."""

from datetime import timedelta
from pathlib import Path

import pytest

from clinic_scheduler.models import OverrideRequest
from clinic_scheduler.services.actors import Actor
from tests.integration.asking import ask, state
from tests.integration.contention import answer, together
from tests.integration.house import House

ENDINGS = {
    "allowed": ("booked", None),
    "declined": ("cancelled", "not_allowed"),
    "withdrawn": ("cancelled", "question_withdrawn"),
    "expired": ("cancelled", "nobody_answered"),
}


@pytest.mark.parametrize(
    "ways",
    [
        ("allowed", "allowed", "declined", "declined"),
        ("allowed", "withdrawn", "allowed", "withdrawn"),
        ("allowed", "expired", "allowed", "expired"),
    ],
    ids=["two providers", "the desk", "the day"],
)
def test_of_all_who_answer_at_once_one_does(
    house: House, desk: Actor, provider: Actor, early: int, tmp_path: Path, ways: tuple[str, ...]
) -> None:
    visit, request = ask(house, desk, early)
    ends = house.now + timedelta(days=1)
    work = [
        (
            house.database_url,
            tmp_path / "data",
            way,
            provider if way in ("allowed", "declined") else desk,
            request,
            ends if way == "expired" else ends - timedelta(seconds=1),
        )
        for way in ways
    ]
    said = together(answer, work, 60)
    done = [word for word in said if word != "too late"]
    assert len(done) == 1, said
    assert done[0] in ENDINGS, said
    assert state(house, visit) == ENDINGS[done[0]]
    assert house.row(OverrideRequest, request)["state"] == done[0]
    assert house.course(early)["booking"] == ("ok" if done[0] == "allowed" else "none")
    answered = [row[0] for row in house.audit("override_requests")]
    assert answered == ["asked", done[0]]
