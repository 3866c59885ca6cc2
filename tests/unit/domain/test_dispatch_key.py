"""A notification's key: as it was stored by any edition so far, and read again as what it was made of."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS

# As rows of today hold them: this must not change, or whoever was told is told again.
STORED = {
    "17:2026-08-31:visit-7:sms:5@20261123T1800Z": DispatchKey.of_course(
        17, "2026-08-31", "visit-7", "sms", "5@20261123T1800Z"
    ),
    "17:first:time_to_book:email:1": DispatchKey.of_course(17, "first", "time_to_book", "email", "1"),
    "7:visit_moved:email:2": DispatchKey.of_visit(7, "visit_moved", "email", 2),
    "7:visit_booked:email:1:12": DispatchKey.of_visit(7, "visit_booked", "email", 1).again_after(12),
    "feed-3:sms:20261130T2145": DispatchKey.of_link(3, "sms", datetime(2026, 11, 30, 21, 45, 9, tzinfo=UTC)),
}
WORDS = st.from_regex(r"[a-z0-9_@-]{1,12}", fullmatch=True).filter(lambda word: word not in CHANNELS)
IDS = st.integers(1, 10**9)


@pytest.mark.parametrize("text", STORED)
def test_a_stored_key_is_read_and_written_as_it_was(text: str) -> None:
    assert DispatchKey.read(text) == STORED[text]
    assert str(STORED[text]) == text


@given(
    st.one_of(
        st.builds(DispatchKey.of_course, IDS, WORDS, WORDS, st.sampled_from(CHANNELS), WORDS),
        st.builds(
            DispatchKey.of_visit, IDS, st.sampled_from(list(KINDS)), st.sampled_from(CHANNELS), st.integers(0)
        ),
        st.builds(DispatchKey.of_link, IDS, st.sampled_from(CHANNELS), st.datetimes(timezones=st.just(UTC))),
    )
)
def test_every_key_is_read_as_it_was_written(key: DispatchKey) -> None:
    assert DispatchKey.read(str(key)) == key


def test_a_key_says_what_it_was_made_of() -> None:
    moved = DispatchKey.read("7:visit_moved:email:2")
    assert (moved.about, moved.cycle, moved.step, moved.sequence) == ("7", "", "visit_moved", 2)
    assert str(moved.on("sms")) == "7:visit_moved:sms:2"
    assert DispatchKey.read("7:visit_booked:email:1:12").sequence == 1


@pytest.mark.parametrize(
    "text", ["", "7", "email:1", "7:visit_moved:pigeon:2", "7:a:b:c:email:1", "7:x:email"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        DispatchKey.read(text)
