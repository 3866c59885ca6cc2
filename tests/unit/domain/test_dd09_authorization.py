"""DD-9: what covers, what is usable, and which one of the three authorization blocks is shown."""

import pytest
from builders import authorization, course, forecast, given

from clinic_scheduler.domain.forecast.values import Authorization

# Due on 2026-11-23 with 155 U planned.
V1 = [given("2026-08-31")]
YEAR = ("2026-01-01", "2026-12-31")
ENDED = authorization("2026-01-01", "2026-11-22")
TO_COME = authorization("2026-11-24", "2027-11-23")


def blocks(*authorizations: Authorization, required: bool = True) -> tuple[str, ...]:
    asked = course(authorization_required=required, authorizations=authorizations)
    return forecast(V1, asked).blocks


@pytest.mark.parametrize(
    "usable",
    [
        authorization(*YEAR),
        authorization(*YEAR, visits_left=1, units_left=155),
        authorization("2026-11-23", "2026-11-23", visits_left=1),
        authorization(None, "2026-11-23"),
        authorization("2026-11-23", None),
        authorization(None, None),
    ],
)
def test_a_usable_authorization_blocks_nothing(usable: Authorization) -> None:
    assert blocks(usable) == ()
    assert blocks(ENDED, usable, TO_COME) == ()


@pytest.mark.parametrize(
    "spent",
    [
        authorization(*YEAR, visits_left=0),
        authorization(*YEAR, visits_left=1, units_left=154.9),
        authorization(*YEAR, visits_left=0, units_left=400),
        authorization(*YEAR, units_left=0),
    ],
)
def test_covering_but_not_usable_is_exhausted_even_beside_one_that_ends(spent: Authorization) -> None:
    assert blocks(spent) == ("authorization_exhausted",)
    assert blocks(ENDED, spent) == ("authorization_exhausted",)


def test_visits_of_one_and_units_of_another_do_not_make_a_usable_one() -> None:
    visits = authorization(*YEAR, visits_left=2, units_left=100)
    units = authorization(*YEAR, visits_left=0, units_left=400)
    assert blocks(visits, units) == ("authorization_exhausted",)


def test_one_that_ends_before_the_due_date_is_said_to_expire() -> None:
    assert blocks(ENDED) == ("authorization_expires_before_due",)
    assert blocks(ENDED, TO_COME) == ("authorization_expires_before_due",)
    assert blocks(authorization(None, "2026-11-22", visits_left=0)) == ("authorization_expires_before_due",)


def test_none_at_all_or_only_a_later_one_is_missing() -> None:
    assert blocks() == ("authorization_missing",)
    assert blocks(TO_COME) == ("authorization_missing",)


@pytest.mark.parametrize("given_leave", [(), (ENDED,), (TO_COME,), (authorization(*YEAR, visits_left=0),)])
def test_nothing_blocks_where_none_is_required(given_leave: tuple[Authorization, ...]) -> None:
    assert blocks(*given_leave, required=False) == ()
