"""A form that was used already is sent again with something else in it: refused, never passed over."""

import pytest
from flask import Flask

from tests import factories
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_treatments import filled, kept


@pytest.fixture
def address(cast: factories.Cast) -> str:
    return f"/courses/{cast.course_id}/treatments"


def test_a_used_form_with_other_figures_is_refused_and_not_passed_over(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    """The back button, the figures mended, sent again: that must not look recorded."""
    vial = {"vials__0__lot": "C1"}
    assert desk.post(address, **filled(cast, **vial)).status_code == 302
    for altered in ({"units": "165"}, {"given_on": "2026-11-22"}, {"vials__0__lot": "C2"}):
        answer = desk.post(address, **filled(cast, **vial | altered))
        assert answer.status_code == 409
        assert "This page was used already, and what it recorded stands: 155 U on 23-Nov-2026" in words(
            answer
        )
    assert [float(row.units or 0) for row in kept(app)[1:]] == [155.0]
    assert desk.post(address, **filled(cast, **vial)).status_code == 302
