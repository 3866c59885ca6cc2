"""The desk asks a provider about a time that is too early for GARRIDO (the fixture `early`), or about moving there."""

from typing import Any

from tests import factories
from tests.functional.web.conftest import Visitor, words

DAY = "2026-12-15"


def ask(desk: Visitor, cast: factories.Cast, course_id: int) -> Any:
    desk.get(f"/courses/{course_id}/book")
    return desk.post(
        f"/courses/{course_id}/book",
        provider=cast.provider_id,
        day=DAY,
        at="09:00",
        key=desk.key,
        question="Away from January on",
        ask=cast.provider_id,
    )


LATER = "2027-01-25"


def booked(desk: Visitor, cast: factories.Cast, course_id: int) -> None:
    desk.get(f"/courses/{course_id}/book")
    desk.post(f"/courses/{course_id}/book", provider=cast.provider_id, day=LATER, at="10:00", key=desk.key)


def ask_to_move(desk: Visitor, cast: factories.Cast) -> Any:
    desk.get("/appointments/1/move")
    wanted = {"provider": cast.provider_id, "day": DAY, "at": "09:00", "key": desk.key}
    refused = desk.post("/appointments/1/move", **wanted)
    assert refused.status_code == 409
    assert "Ask Dr Amara Reid and hold the time" in words(refused)
    assert "The visit stays booked where it is" in words(refused)
    return desk.post("/appointments/1/move", **wanted, question="Away in January", ask=cast.provider_id)
