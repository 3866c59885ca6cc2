"""What stands against a visit as pages show it: each with its reasons, and whom the desk may ask about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.booking_checks import Check, Stop
from clinic_scheduler.queries.schedule.override_reasons import reasons_by_name
from clinic_scheduler.services.visits.outdated_overrides import outdated_for
from clinic_scheduler.web.context import actor, desk, reading, today


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against a day, each with the reasons that may be given for it; and what is fine."""

    blocks: list[tuple[Check, dict[str, str]]]
    hard: list[Check]
    care: list[Check]
    fine: list[Check]

    @property
    def stood(self) -> str:
        """The marks of all that stands, for a form to say what was seen where its reasons were chosen."""
        return " ".join(check.mark for check in (*self.hard, *(c for c, _ in self.blocks), *self.care))

    @property
    def needs_provider(self) -> bool:
        return any(check.stop == Stop.PROVIDER for check, _ in self.blocks)


def standing(checks: list[Check]) -> Standing:
    """The checks of a day as the panels show them."""
    to_decide = [c for c in checks if not c.ok and c.stop in (Stop.PROVIDER, Stop.REASON)]
    reasons = reasons_by_name(reading(), actor().clinic_id, [Against(check.code) for check in to_decide])
    return Standing(
        [(check, reasons[Against(check.code)]) for check in to_decide],
        [check for check in checks if not check.ok and check.stop == Stop.HARD],
        [check for check in checks if not check.ok and check.stop == Stop.SOFT],
        [check for check in checks if check.ok],
    )


def whom_to_ask(own: int | None, wanted: int | None) -> Any:
    """Who decides: the course's own provider, else whose time is wanted, else whoever there is."""
    providers = {provider.id: provider for provider in desk().providers}
    for provider_id in (own, wanted):
        if provider_id in providers:
            return providers[provider_id]
    return next(iter(providers.values()), None)


def not_overridden(checks: Iterable[Check], visit: Any) -> list[Check]:
    """The checks of a visit's day without what was allowed for it by name, unless news has overtaken that."""
    gone = outdated_for(reading(), visit, today())
    overridden = {row.name for row in visit.overrides if row not in gone}
    return [check for check in checks if check.ok or check.code not in overridden]
