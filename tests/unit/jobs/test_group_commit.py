"""Writing for several sender threads: together where that goes well, each by itself where it does not."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from clinic_scheduler.jobs import group_commit as group_commits
from clinic_scheduler.jobs.group_commit import GroupCommit, Step


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


def written(commit_group: GroupCommit, *entries: tuple[Step[Any, Any], object]) -> "list[Future[Any]]":
    """What one task asks all at once, before anything is served."""
    futures = [commit_group.write(step, item) for step, item in entries]
    commit_group.serve(lambda: None)
    return futures


def test_what_is_asked_together_is_committed_together_and_what_is_alike_in_one_call() -> None:
    book, clerk = Book(), Clerk()
    entries = ((clerk.line, "a"), (clerk.count, 1), (clerk.line, "b"), (clerk.count, 2))
    answers = written(GroupCommit(book.work), *entries)
    assert book.commits == [["a", "b", "2 numbers"]]
    assert clerk.together == [2]
    assert [each.result() for each in answers] == ["A", 1, "B", 2]


def test_one_bad_row_costs_no_other_its_turn() -> None:
    book, clerk = Book(), Clerk()
    good, bad, also_good = written(
        GroupCommit(book.work), *((clerk.line, text) for text in ("a", "torn", "c"))
    )
    assert book.commits == [["a"], ["c"]]
    assert clerk.together == [3, 1, 1, 1]
    assert (good.result(), also_good.result()) == ("A", "C")
    with pytest.raises(LookupError):
        bad.result()


def test_an_answer_too_few_is_an_error_and_nobodys_answer_is_given_to_another() -> None:
    def forgetful(lines: list[str], texts: Sequence[str]) -> list[str]:
        return [text for text in texts if text != "b"]

    answers = written(GroupCommit(Book().work), *((forgetful, text) for text in ("a", "b", "c")))
    assert [each.exception() is None for each in answers] == [True, False, True]
    assert (answers[0].result(), answers[2].result()) == ("a", "c")


def test_nothing_is_promised_before_it_is_committed() -> None:
    seen: list[bool] = []

    class Slow(Book):
        @contextmanager
        def work(self) -> Iterator[list[str]]:
            with super().work() as lines:
                yield lines
                seen.append(any(each.done() for each in answers))

    commit_group, clerk = GroupCommit(Slow().work), Clerk()
    answers = [commit_group.write(clerk.line, text) for text in ("a", "b")]
    commit_group.serve(lambda: None)
    assert seen == [False]


def test_it_serves_until_every_task_has_ended_and_gives_their_results() -> None:
    book, clerk = Book(), Clerk()
    commit_group = GroupCommit(book.work)

    def task(name: str) -> str:
        for number in range(50):
            assert commit_group.write(clerk.line, f"{name}{number}").result(5) == f"{name}{number}".upper()
        return name

    assert commit_group.serve(*(partial(task, name) for name in "abcd")) == list("abcd")
    assert sorted(text for commit in book.commits for text in commit) == sorted(
        f"{name}{number}" for name in "abcd" for number in range(50)
    )


def test_a_task_that_breaks_is_said_after_the_others_have_ended() -> None:
    book, clerk = Book(), Clerk()
    commit_group = GroupCommit(book.work)

    def breaks() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError):
        commit_group.serve(breaks, lambda: commit_group.write(clerk.line, "a").result(5))
    assert book.commits == [["a"]]


def test_something_else_is_done_while_a_task_waits_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commits, "LOOKS_UP_EVERY", 0.01)
    thrice = threading.Semaphore(0)
    commit_group = GroupCommit(Book().work, thrice.release)
    assert commit_group.serve(lambda: all(thrice.acquire(timeout=30) for _ in range(3))) == [True]
