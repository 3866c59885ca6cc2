"""Feeds kept in memory: the last ones asked for stay, and a changed one takes over what is still true of it."""

from clinic_scheduler.calendars.feed_cache import Blocks, CachedFeed, CachedFeeds

from .feeds import patient
from .rows import UPDATED, VISIT, visit, visits


def kept(body: bytes) -> CachedFeed[str]:
    return CachedFeed("link", ("made", body), (), "v1", UPDATED, body=body)


def test_what_was_not_asked_for_longest_goes_first() -> None:
    feeds = CachedFeeds(most_bytes=3 * kept(b"x" * 5_000).size)
    for key in ("link 1", "link 2", "link 3"):
        feeds.keep(key, kept(b"x" * 5_000))
    feeds.find("link 1")
    feeds.keep("link 4", kept(b"x" * 5_000))
    assert [n for n in (1, 2, 3, 4) if feeds.find(f"link {n}")] == [1, 3, 4]


def test_another_edition_takes_the_place_of_the_former_and_its_room() -> None:
    feeds = CachedFeeds(most_bytes=2 * kept(b"x" * 5_000).size)
    for _ in range(5):
        feeds.keep("link 1", kept(b"x" * 5_000))
    feeds.keep("link 2", kept(b"x" * 5_000))
    assert feeds.find("link 1")
    assert feeds.find("link 2")


def test_a_feed_too_large_to_keep_is_not_kept() -> None:
    feeds = CachedFeeds(most_bytes=1_000)
    feeds.keep("link 1", kept(b"x" * 5_000))
    assert feeds.find("link 1") is None


def test_a_new_edition_renders_what_changed_and_forgets_what_is_gone() -> None:
    former = Blocks()
    patient(*visits(20), cache=former)
    assert len(former) == 20
    now = Blocks(former)
    rows = [*visits(20)[5:], visit(id="new")]
    assert patient(*rows, cache=now) == patient(*rows)
    assert len(now) == 16
    shared = [key for key in now if key in former]
    assert len(shared) == 15
    assert all(now[key] is former[key] for key in shared)


def test_a_new_edition_does_not_hold_on_to_the_former() -> None:
    former = Blocks()
    patient(VISIT, cache=former)
    now = Blocks(former)
    now.forget_former()
    assert now.get(next(iter(former))) is None
