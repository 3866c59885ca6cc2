"""Who is doing something: what every service asks and every audit row keeps."""

from dataclasses import dataclass

from clinic_scheduler.domain.roles import DECIDING


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, or a command or job by its name (then user_id is None and it may not override)."""

    name: str
    clinic_id: int
    user_id: int | None = None
    roles: frozenset[str] = frozenset()

    @property
    def may_override(self) -> bool:
        return bool(self.roles & DECIDING)
