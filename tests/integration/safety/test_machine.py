"""Whatever staff do, in any order, on both databases: the invariant holds after every commit (DD-18).

MACHINE_EXAMPLES and MACHINE_STEPS make it look further, MACHINE_SEED repeats a run.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from clinic_scheduler.senders.memory import MemorySender
from tests import databases
from tests.conftest import BOTH, FrozenClock
from tests.integration.safety.deeds import DEEDS, Deed, Nothing
from tests.integration.safety.world import MONDAY, REFUSALS, World, opened
from tests.shared import Shared, lent

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "12"))
STEPS = int(os.environ.get("MACHINE_STEPS", "40"))
# A build machine sees the same run every time; elsewhere each run is another one.
SEED = int(os.environ.get("MACHINE_SEED", "18" if databases.on_build_machine() else random.randrange(10**6)))


@pytest.fixture(params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shared]:
    own: Shared = request.getfixturevalue(f"shared_{request.param}")
    senders = {channel: MemorySender(channel) for channel in ("email", "sms")}
    with lent(own.emptied(), tmp_path / "data", clock=FrozenClock(MONDAY), senders=senders):
        yield own


class Staff(RuleBasedStateMachine):
    """What is done at one clinic; a deed that is refused must have changed nothing that matters."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.world: World = opened(shared.emptied())

    def do(self, deed: Deed, data: Any) -> None:
        def pick(options: Any, /) -> Any:
            return options[data.draw(st.integers(0, len(options) - 1))]

        placed = None
        try:
            placed = self.world.change(lambda session: deed(self.world, session, pick))
        except Nothing:
            return
        except REFUSALS as refusal:
            note(f"refused: {refusal}")
        self.check()
        if placed is not None:
            stands = self.world.standing(placed)
            assert stands == "ok", f"{deed.__name__} left visit {placed} {stands}"

    @rule(days=st.sampled_from((0, 1, 1, 7, 14, 28, 84)))
    def time_passes(self, days: int) -> None:
        self.world.later(days=days, hours=0 if days else 3)
        self.check()

    def check(self) -> None:
        found = self.world.faults()
        assert not found, "\n".join(found)


def _rule_for(deed: Deed) -> Any:
    def step(self: Staff, data: Any) -> None:
        self.do(deed, data)

    step.__name__ = deed.__name__
    return rule(data=st.data())(step)


Machine: Any = type("Machine", (Staff,), {deed.__name__: _rule_for(deed) for deed in DEEDS})


def test_whatever_staff_do(shared: Shared) -> None:
    print(f"MACHINE_SEED={SEED}")
    factory = seed(SEED)(lambda: Machine(shared))
    run_state_machine_as_test(
        factory,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
