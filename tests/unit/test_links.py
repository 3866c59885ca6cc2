"""Links for patients: what is read is what was said, and nothing else is read."""

from datetime import UTC, datetime, timedelta

from clinic_scheduler.links import Links, OptOutLink, VisitLink, former_keys

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LINKS = Links("https://clinic.example.org", ("new key", "old key"))


def token_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_a_visit_link_is_read_until_the_visit_begins():
    link = VisitLink(7, NOW)
    token = token_of(LINKS.visit(link))
    assert LINKS.read_visit(token, NOW - timedelta(seconds=1)) == link
    assert LINKS.read_visit(token, NOW) is None


def test_an_opt_out_link_is_read_at_any_time():
    link = OptOutLink(7, "visits", "email")
    assert LINKS.read_opt_out(token_of(LINKS.opt_out(link))) == link


def test_a_former_key_is_still_believed_and_a_foreign_one_is_not():
    link = OptOutLink(7, "visits", "email")
    former, foreign = Links("https://x", ("old key",)), Links("https://x", ("their key",))
    assert LINKS.read_opt_out(token_of(former.opt_out(link))) == link
    assert LINKS.read_opt_out(token_of(foreign.opt_out(link))) is None


def test_one_kind_of_link_is_not_taken_for_another():
    visit = token_of(LINKS.visit(VisitLink(7, NOW)))
    assert LINKS.read_opt_out(visit) is None
    assert LINKS.read_visit(token_of(LINKS.opt_out(OptOutLink(7, "visits", "email"))), NOW) is None


def test_a_changed_token_is_refused():
    token = token_of(LINKS.visit(VisitLink(7, NOW)))
    assert LINKS.read_visit(token[:-1] + ("A" if token[-1] != "A" else "B"), NOW - timedelta(1)) is None


def test_a_calendar_token_is_the_same_each_time_and_another_under_another_key():
    assert LINKS.calendar_token("uid") == LINKS.calendar_token("uid")
    assert len(LINKS.calendar_token("uid")) == 43
    assert LINKS.calendar_tokens("uid") == [
        LINKS.calendar_token("uid"),
        Links("", ("old key",)).calendar_token("uid"),
    ]
    assert LINKS.calendar_token("uid") != LINKS.calendar_token("other")


KEPT = [("visit", "a1" * 32, False), ("opt-out", "b2" * 32, False)]


def rotated(*kept):
    """The same installation under another SECRET_KEY, the former one forgotten."""
    return Links("https://clinic.example.org", ("another key",), lambda: kept)


def test_links_with_keys_of_their_own_outlive_every_rotation():
    before = Links("https://clinic.example.org", ("new key",), lambda: KEPT)
    visit, opt_out = VisitLink(7, NOW), OptOutLink(7, "visits", "email")
    after = rotated(*KEPT)
    assert after.read_visit(token_of(before.visit(visit)), NOW - timedelta(1)) == visit
    assert after.read_opt_out(token_of(before.opt_out(opt_out))) == opt_out


def test_links_sent_before_there_were_such_keys_outlive_it_too():
    visit, opt_out = VisitLink(7, NOW), OptOutLink(7, "visits", "email")
    former = [(purpose, key, True) for purpose, keys in former_keys(LINKS.keys).items() for key in keys]
    old = Links("https://clinic.example.org", ("old key",))
    for links in (LINKS, old):
        after = rotated(*KEPT, *former)
        assert after.read_visit(token_of(links.visit(visit)), NOW - timedelta(1)) == visit
        assert after.read_opt_out(token_of(links.opt_out(opt_out))) == opt_out
        assert rotated(*KEPT).read_opt_out(token_of(links.opt_out(opt_out))) is None
    assert not any("key" in key for _, key, _ in former)


def test_a_kept_key_signs_for_its_own_purpose_alone():
    own = Links("https://clinic.example.org", ("k",), lambda: KEPT)
    token = token_of(own.opt_out(OptOutLink(7, "visits", "email")))
    assert own.read_visit(token, NOW) is None
    stolen = Links("https://clinic.example.org", ("k",))
    assert stolen.read_opt_out(token) is None
