"""What may be told, from what was said; how many texts a number gets, and when."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.domain.messaging.consent import Statement, silence, standing, wanted
from clinic_scheduler.domain.messaging.kinds import CHANNELS, PURPOSES
from clinic_scheduler.domain.messaging.sms_limits import WEEK, next_text_from

NOON = datetime(2026, 3, 2, 20, tzinfo=UTC)  # Monday noon in Los Angeles
PACIFIC = ZoneInfo("America/Los_Angeles")
pairs = st.tuples(st.sampled_from(PURPOSES), st.sampled_from(CHANNELS))


@given(st.lists(st.tuples(pairs, st.booleans())), pairs)
def test_the_last_word_counts_and_silence_is_taken_as_agreed(said, pair) -> None:  # type: ignore[no-untyped-def]
    known = standing(Statement(*about, given, NOON, "desk") for about, given in said)
    own = [given for about, given in said if about == pair]
    assert wanted(known, *pair) == (own[-1] if own else True)


def test_death_moving_away_and_a_wish_for_silence_stop_everything() -> None:
    assert silence(date(2026, 1, 1), date(2026, 1, 2), True) == "deceased"
    assert silence(None, date(2026, 1, 2), True) == "moved_away"
    assert silence(None, None, True) == "do_not_contact"
    assert silence(None, None, False) is None


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = PACIFIC) -> datetime:
    """An hour of March 2026 on the patient's wall; clocks go forward on the 8th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=zone).astimezone(UTC)


def test_one_text_a_day_the_next_waits_for_the_morning() -> None:
    assert next_text_from(NOON, PACIFIC, []) == NOON
    assert next_text_from(NOON, PACIFIC, [at(2, 9)]) == at(3, 9)
    assert next_text_from(NOON, PACIFIC, [at(1, 19, 59)]) == NOON


def test_the_morning_after_the_clocks_change_is_that_mornings_nine() -> None:
    before_the_gap = at(7, 12)
    assert next_text_from(before_the_gap, PACIFIC, [at(7, 9)]) == datetime(2026, 3, 8, 16, tzinfo=UTC)
    fold = datetime(2026, 10, 31, 19, tzinfo=UTC)
    assert next_text_from(fold, PACIFIC, [fold]) == datetime(2026, 11, 1, 17, tzinfo=UTC)


def test_three_texts_in_a_week_the_fourth_waits_until_the_first_is_a_week_old() -> None:
    texts = [at(9, 15), at(11, 9), at(13, 9)]
    assert next_text_from(at(14, 10), PACIFIC, texts) == at(16, 15)
    assert next_text_from(at(14, 10), PACIFIC, texts[1:]) == at(14, 10)


@given(
    st.lists(st.integers(0, 20 * 24 * 60), max_size=12),
    st.sampled_from(["America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"]),
)
def test_however_many_wait_no_day_has_two_and_no_week_four(minutes: list[int], name: str) -> None:
    zone, sent = ZoneInfo(name), list[datetime]()
    for minute in sorted(minutes):
        now = max([NOON + timedelta(minutes=minute), *sent[-1:]])
        moment = next_text_from(now, zone, sent)
        assert moment >= now
        assert 9 <= moment.astimezone(zone).hour < 20
        sent.append(moment)
    days = [local_date(moment, zone) for moment in sent]
    assert len(days) == len(set(days))
    assert all(later - first >= WEEK for first, later in zip(sent, sent[3:], strict=False))
