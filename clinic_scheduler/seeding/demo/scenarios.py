"""What the demo's patients are there to show: kinds of courses relative to today. Values only, no rows."""

from dataclasses import dataclass
from decimal import Decimal

CHRONIC_MIGRAINE = "chronic_migraine"
SPASTICITY_UPPER_LIMB, SPASTICITY_LOWER_LIMB = "spasticity_upper_limb", "spasticity_lower_limb"
BOTOX, DYSPORT = "onabotulinumtoxinA", "abobotulinumtoxinA"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a course gives, and how many days lie between its treatments when all goes well."""

    indication: str
    product: str
    units: tuple[int, ...]
    interval: tuple[int, int]


MIGRAINE = Plan(CHRONIC_MIGRAINE, BOTOX, (155, 155, 155, 165, 175, 195), (84, 94))
UPPER_LIMB = Plan(SPASTICITY_UPPER_LIMB, BOTOX, (200, 250, 300), (93, 115))
LOWER_LIMB = Plan(SPASTICITY_LOWER_LIMB, BOTOX, (300, 350), (93, 115))
DYSPORT_LIMB = Plan(SPASTICITY_UPPER_LIMB, DYSPORT, (300, 400), (93, 115))
NECK = Plan("cervical_dystonia", BOTOX, (180, 200, 220), (84, 100))
DYSPORT_NECK = Plan("cervical_dystonia", DYSPORT, (500,), (84, 100))
SMALL_LEGS = Plan(SPASTICITY_LOWER_LIMB, BOTOX, (80, 100), (93, 115))


@dataclass(frozen=True, slots=True)
class Story:
    """So many patients with the same plan and the same present.

    `last_ago` is how many days ago the last treatment was, from and to; each range spans eight days or more, so
    that it holds a day on which the patient's provider works. It counts back from the next day the clinic is
    open where `visits_next_open_day` says so. `then` names what has happened since (scenario_endings.py).
    """

    patients: int
    plan: Plan
    last_ago: tuple[int, int]
    then: str = "nothing"
    payer: str = ""
    child: bool = False
    speaks_spanish: bool = False
    weight_kg: Decimal | None = None

    @property
    def visits_next_open_day(self) -> bool:
        return self.then == "visits_next_open_day"


# Ranges keep clear of the dates at which a course's bucket changes: migraine is due at 84 days, overdue at 92 and
# lapsed at 183; a neck at 84, 113 and 183; spasticity at 89-92, 121-124 and 182-185, since calendar months differ in
# length.
STORIES = (
    Story(6, MIGRAINE, (84, 91), "visits_next_open_day"),
    Story(3, UPPER_LIMB, (93, 115), "visits_next_open_day"),
    Story(1, DYSPORT_LIMB, (93, 115), "visits_next_open_day"),
    Story(3, MIGRAINE, (3, 60)),
    Story(2, LOWER_LIMB, (3, 60)),
    Story(1, DYSPORT_LIMB, (10, 60)),
    Story(2, MIGRAINE, (72, 80)),
    Story(1, NECK, (72, 80)),
    Story(2, UPPER_LIMB, (74, 86)),
    Story(1, MIGRAINE, (84, 91)),
    Story(1, DYSPORT_NECK, (86, 105)),
    Story(1, MIGRAINE, (84, 91), "pregnant"),
    Story(2, LOWER_LIMB, (94, 116)),
    Story(4, MIGRAINE, (94, 130), "called"),
    Story(1, MIGRAINE, (105, 118), "stayed_away"),
    Story(2, UPPER_LIMB, (128, 170), "called"),
    Story(1, DYSPORT_LIMB, (128, 160)),
    Story(2, MIGRAINE, (190, 260)),
    Story(1, LOWER_LIMB, (190, 260), "called"),
    Story(3, MIGRAINE, (45, 76), "booked", payer="covered"),
    Story(1, MIGRAINE, (45, 76), "booked", payer="covered", speaks_spanish=True),
    Story(1, NECK, (45, 76), "booked"),
    Story(4, UPPER_LIMB, (55, 82), "booked"),
    Story(1, DYSPORT_LIMB, (55, 82), "booked"),
    Story(1, MIGRAINE, (56, 66), "booked_early"),
    Story(1, MIGRAINE, (95, 115), "booked_late"),
    Story(1, MIGRAINE, (60, 76), "booked", payer="missing"),
    Story(1, MIGRAINE, (84, 91), "on_hold"),
    Story(1, MIGRAINE, (84, 91), payer="missing"),
    Story(1, MIGRAINE, (84, 91), payer="ends_too_early"),
    Story(1, MIGRAINE, (84, 91), payer="used_up"),
    Story(1, UPPER_LIMB, (50, 70), "changed_product"),
    Story(1, SMALL_LEGS, (94, 116), child=True),
    Story(1, SMALL_LEGS, (20, 60), child=True, weight_kg=Decimal("28.5")),
    Story(1, MIGRAINE, (190, 260), "consultation_booked"),
    Story(1, MIGRAINE, (190, 260), "consulted"),
    Story(1, MIGRAINE, (18, 30), "follow_up_booked"),
    Story(1, MIGRAINE, (62, 69), "asked_about"),
    Story(1, MIGRAINE, (62, 76), "booked_then_held"),
    Story(1, UPPER_LIMB, (45, 60), "product_decided"),
    Story(1, MIGRAINE, (84, 91), "cosmetic_elsewhere"),
    Story(1, MIGRAINE, (110, 125), "treated_on_the_way"),
)
