"""Writing for several lanes: together where that goes well, each by itself where it does not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from clinic_scheduler.jobs.ledger import OwnLedger, SharedLedger


class Book:
    """Stands for a database: what was written in a transaction counts once the transaction is through."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []

    @contextmanager
    def work(self) -> Iterator[list[str]]:
        lines: list[str] = []
        yield lines
        self.commits.append(lines)


def line(text: str) -> Callable[[list[str]], str]:
    def change(lines: list[str]) -> str:
        lines.append(text)
        return text.upper()

    return change


def torn(lines: list[str]) -> str:
    lines.append("half a line")
    raise LookupError("the row is gone")


def test_what_is_asked_together_is_committed_together() -> None:
    book = Book()
    ledger = SharedLedger(book.work)
    written = [ledger.write(line(text)) for text in ("a", "b", "c")]
    ledger.leave()
    ledger.serve(1)
    assert book.commits == [["a", "b", "c"]]
    assert [each.result() for each in written] == ["A", "B", "C"]


def test_one_bad_row_costs_no_other_its_turn() -> None:
    book = Book()
    ledger = SharedLedger(book.work)
    good, bad, also_good = ledger.write(line("a")), ledger.write(torn), ledger.write(line("c"))
    ledger.leave()
    ledger.serve(1)
    assert book.commits == [["a"], ["c"]]
    assert (good.result(), also_good.result()) == ("A", "C")
    with pytest.raises(LookupError):
        bad.result()


def test_nothing_is_promised_before_it_is_committed() -> None:
    seen: list[bool] = []

    class Slow(Book):
        @contextmanager
        def work(self) -> Iterator[list[str]]:
            with super().work() as lines:
                yield lines
                seen.append(any(each.done() for each in written))

    ledger = SharedLedger(Slow().work)
    written = [ledger.write(line("a")), ledger.write(line("b"))]
    ledger.leave()
    ledger.serve(1)
    assert seen == [False]


def test_it_serves_until_every_lane_has_left() -> None:
    book = Book()
    ledger = SharedLedger(book.work)

    def lane(name: str) -> None:
        for number in range(50):
            assert ledger.write(line(f"{name}{number}")).result(5) == f"{name}{number}".upper()
        ledger.leave()

    threads = [threading.Thread(target=lane, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    ledger.serve(4)
    for thread in threads:
        thread.join(5)
    assert sorted(text for commit in book.commits for text in commit) == sorted(
        f"{name}{number}" for name in "abcd" for number in range(50)
    )


def test_a_single_lane_commits_each_change_at_once() -> None:
    book = Book()
    ledger = OwnLedger(book.work)
    assert ledger.write(line("a")).result() == "A"
    assert ledger.write(line("b")).result() == "B"
    assert book.commits == [["a"], ["b"]]
    assert isinstance(ledger.write(torn).exception(), LookupError)
