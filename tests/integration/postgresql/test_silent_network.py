"""A network that goes silent in the middle of things: nothing hangs, /healthz tells it, and all goes on afterwards."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.functional.web.conftest import Visitor
from tests.integration.house import TODAY, House
from tests.integration.postgresql.conftest import Open, at_the_desk
from tests.postgresql import HERE, Network, free_port, wait_for

PAGE_SECONDS, HEALTH_SECONDS = 10.0, 3.0


def timed(visitor: Visitor, address: str) -> tuple[TestResponse, float]:
    began = time.monotonic()
    answer = visitor.get(address)
    return answer, time.monotonic() - began


def health(app: Flask) -> tuple[TestResponse, float]:
    return timed(Visitor(app.test_client()), "/healthz")


@pytest.mark.thorough
@pytest.mark.parametrize("rested", [True, False])
def test_pages_and_healthz_answer_soon_and_the_next_ones_at_once(
    open_app: Open, way: Network, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    """With the limits as they are shipped, over a connection that is asked first and over one that is used at once."""
    monkeypatch.setattr("clinic_scheduler.postgresql.ASKED_AFTER_SECONDS", 0 if rested else 3600)
    app = open_app(way.address)
    desk, other = at_the_desk(app), at_the_desk(app)
    assert health(app)[0].status_code == 200
    way.go_silent()
    with ThreadPoolExecutor(3) as browsers:
        pages = [browsers.submit(timed, each, "/due") for each in (desk, other)]
        told = browsers.submit(health, app)
        for answer, seconds in [page.result() for page in pages]:
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert seconds < PAGE_SECONDS
        answer, seconds = told.result()
    assert (answer.status_code, answer.json["problems"]) == (503, ["the database cannot be asked"])
    assert seconds < HEALTH_SECONDS
    # Nobody waits for what is known: only who finds out whether it still is so.
    waits = sorted(timed(desk, "/due")[1] for _ in range(4))
    assert waits[-1] < PAGE_SECONDS
    assert waits[1] < 1.0
    way.speak_again()
    deadline = time.monotonic() + 30
    while timed(desk, "/due")[0].status_code != 200:
        assert time.monotonic() < deadline
    while health(app)[0].status_code != 200:
        assert time.monotonic() < deadline


def test_what_was_typed_into_the_silence_is_kept_and_can_be_sent_again(
    house: House, open_app: Open, way: Network
) -> None:
    app = open_app(way.address, database_page_timeout=1)
    desk = at_the_desk(app)
    form = desk.get(f"/courses/{house.cast.course_id}/book")
    assert form.status_code == 200
    typed = {"provider": house.cast.provider_id, "day": TODAY.isoformat(), "at": "14:00", "key": desk.key}
    way.go_silent()
    lost = desk.post(f"/courses/{house.cast.course_id}/book", **typed)
    assert lost.status_code == 503
    for name, value in typed.items():
        assert f'name="{name}" value="{value}"' in lost.text
    assert house.occupied() == []
    way.speak_again()
    wait_for(way.address)
    answer = desk.post(f"/courses/{house.cast.course_id}/book", **typed)
    while answer.status_code == 503:
        answer = desk.post(f"/courses/{house.cast.course_id}/book", **typed)
    assert answer.status_code == 302
    assert len(house.occupied()) == 1


def test_a_server_that_is_not_there_is_told_soon_and_is_used_as_soon_as_it_is(
    house: House, open_app: Open, way: Network
) -> None:
    """The first of two addresses has nobody, as after a move to the other."""
    nobody = way.address.replace(f"{HERE}:", f"{HERE}:{free_port()},{HERE}:")
    app = open_app(nobody)
    assert at_the_desk(app).get("/due").status_code == 200
    assert health(app)[0].status_code == 200
