"""A table of what may follow: what it lets through, what it refuses in words, and what can be reached."""

from enum import StrEnum

import pytest

from clinic_scheduler.domain.transitions import ForbiddenTransition, Transitions


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"
    NEVER = "never"


TABLE = Transitions(
    "door",
    begins=(Door.OPEN,),
    follow={
        Door.OPEN: (Door.OPEN, Door.SHUT),
        Door.SHUT: (Door.OPEN, Door.GONE),
        Door.GONE: (),
        Door.NEVER: (Door.OPEN,),
    },
)


@pytest.mark.parametrize("before", Door)
@pytest.mark.parametrize("after", Door)
def test_only_what_the_table_names_may_follow(before: Door, after: Door) -> None:
    if after in TABLE.follow[before]:
        TABLE.require(before, after)
        return
    with pytest.raises(ForbiddenTransition, match=f"a door that is {before} cannot become {after}. Nothing"):
        TABLE.require(before, after)


def test_what_no_way_leads_to_is_never_reached() -> None:
    assert TABLE.reachable() == {Door.OPEN, Door.SHUT, Door.GONE}
