"""Writing for several sender threads: together where that goes well, each by itself where it does not."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from clinic_scheduler.jobs.group_commit import SharedCommit, SingleCommit


class Book:
    """Stands for a database: what was written in a transaction counts once the transaction is through."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []

    @contextmanager
    def work(self) -> Iterator[list[str]]:
        lines: list[str] = []
        yield lines
        self.commits.append(lines)


class Clerk:
    """Writes lines in capitals; `together` is how many at a time. A torn one stops what is written with it."""

    def __init__(self) -> None:
        self.together: list[int] = []

    def line(self, lines: list[str], texts: Sequence[str]) -> list[str]:
        self.together.append(len(texts))
        lines.extend(texts)
        if "torn" in texts:
            raise LookupError("the row is gone")
        return [text.upper() for text in texts]

    def count(self, lines: list[str], numbers: Sequence[int]) -> list[int]:
        lines.append(f"{len(numbers)} numbers")
        return list(numbers)


def test_what_is_asked_together_is_committed_together_and_what_is_alike_in_one_call() -> None:
    book, clerk = Book(), Clerk()
    commit_group = SharedCommit(book.work)
    a, one, b, two = (
        commit_group.write(clerk.line, "a"),
        commit_group.write(clerk.count, 1),
        commit_group.write(clerk.line, "b"),
        commit_group.write(clerk.count, 2),
    )
    commit_group.leave()
    commit_group.serve(1)
    assert book.commits == [["a", "b", "2 numbers"]]
    assert clerk.together == [2]
    assert (a.result(), b.result(), one.result(), two.result()) == ("A", "B", 1, 2)


def test_one_bad_row_costs_no_other_its_turn() -> None:
    book, clerk = Book(), Clerk()
    commit_group = SharedCommit(book.work)
    good, bad, also_good = (commit_group.write(clerk.line, text) for text in ("a", "torn", "c"))
    commit_group.leave()
    commit_group.serve(1)
    assert book.commits == [["a"], ["c"]]
    assert clerk.together == [3, 1, 1, 1]
    assert (good.result(), also_good.result()) == ("A", "C")
    with pytest.raises(LookupError):
        bad.result()


def test_an_answer_too_few_is_an_error_and_nobodys_answer_is_given_to_another() -> None:
    def forgetful(lines: list[str], texts: Sequence[str]) -> list[str]:
        return [text for text in texts if text != "b"]

    commit_group = SharedCommit(Book().work)
    written = [commit_group.write(forgetful, text) for text in ("a", "b", "c")]
    commit_group.leave()
    commit_group.serve(1)
    assert [each.exception() is None for each in written] == [True, False, True]
    assert (written[0].result(), written[2].result()) == ("a", "c")


def test_nothing_is_promised_before_it_is_committed() -> None:
    seen: list[bool] = []

    class Slow(Book):
        @contextmanager
        def work(self) -> Iterator[list[str]]:
            with super().work() as lines:
                yield lines
                seen.append(any(each.done() for each in written))

    commit_group, clerk = SharedCommit(Slow().work), Clerk()
    written = [commit_group.write(clerk.line, text) for text in ("a", "b")]
    commit_group.leave()
    commit_group.serve(1)
    assert seen == [False]


def test_it_serves_until_every_lane_has_left() -> None:
    book, clerk = Book(), Clerk()
    commit_group = SharedCommit(book.work)

    def sender_thread(name: str) -> None:
        for number in range(50):
            assert commit_group.write(clerk.line, f"{name}{number}").result(5) == f"{name}{number}".upper()
        commit_group.leave()

    threads = [threading.Thread(target=sender_thread, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    commit_group.serve(4)
    for thread in threads:
        thread.join(5)
    assert sorted(text for commit in book.commits for text in commit) == sorted(
        f"{name}{number}" for name in "abcd" for number in range(50)
    )


def test_a_single_lane_commits_each_change_at_once() -> None:
    book, clerk = Book(), Clerk()
    commit_group = SingleCommit(book.work)
    assert commit_group.write(clerk.line, "a").result() == "A"
    assert commit_group.write(clerk.line, "b").result() == "B"
    assert book.commits == [["a"], ["b"]]
    assert isinstance(commit_group.write(clerk.line, "torn").exception(), LookupError)
