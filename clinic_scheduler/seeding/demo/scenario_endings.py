"""What has happened lately to each of the demo's patients, by the name their story gives it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from clinic_scheduler.domain.patients.holds import HoldReason
from clinic_scheduler.domain.visits.kinds_and_states import ConsultationOutcome, VisitKind
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.queries.lookups import course_in_clinic
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.seeding.demo.clinic_setup import PROVIDER
from clinic_scheduler.seeding.demo.elsewhere import cosmetic_elsewhere, treated_on_the_way
from clinic_scheduler.seeding.demo.present import Present
from clinic_scheduler.seeding.demo.scenarios import DYSPORT
from clinic_scheduler.seeding.demo.simulation import DESK_REASONS
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, decisions
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import holds
from clinic_scheduler.services.patients.holds import HoldEntry
from clinic_scheduler.services.visits import consultations
from clinic_scheduler.services.visits.guard import OverrideEntry


def nothing(_present: Present) -> None:
    """The course waits for its time."""


def visits_next_open_day(present: Present) -> None:
    """Booked some weeks ago for the clinic's next day; one in ten will not come."""
    life, chart, day = present.life, present.chart, present.next_open_day
    attends = present.patient_number % 10 != 3
    life.on(present.ago(21), 11, lambda: life.book_on(chart, day, attends=attends))


def called(present: Present) -> None:
    """The desk has tried; every second patient asked to be called again in some days."""
    later = present.patient_number % 2 == 0
    _log(present, 6, "phone", "no_answer")
    _log(present, 2, "phone", "left_message" if not later else "will_call_back", hide_days=4 if later else 0)


def stayed_away(present: Present) -> None:
    """Booked in time, did not come, and has not been reached since."""
    life, chart = present.life, present.chart
    day = next(
        day
        for day in (present.last + timedelta(days=84 + n) for n in range(14))
        if life.place.works_on(chart.provider, day)
    )
    life.on(present.last + timedelta(days=60), 15, lambda: life.book_on(chart, day, attends=False))
    _log(present, 1, "phone", "no_answer")


def booked(present: Present) -> None:
    """The desk took the first suggestion that is on time."""
    life = present.life
    life.on(present.ago(1 + present.patient_number % 6), 14, lambda: _take_suggestion(present, late=False))


def booked_late(present: Present) -> None:
    """Overdue, and what is free is after the window."""
    life = present.life
    life.on(present.ago(1), 15, lambda: _take_suggestion(present, late=True))


def booked_early(present: Present) -> None:
    """A provider decided, with a reason, to see the patient before the earliest date."""

    def decide() -> None:
        life, chart = present.life, present.chart
        days = (life.earliest_date(chart) - timedelta(days=n) for n in range(1, 15))
        times = (life.free_time(chart, day) for day in days if life.place.works_on(chart.provider, day))
        starts_at = next(at for at in times if at is not None)
        life.book_at(
            chart,
            life.place.providers[chart.provider],
            starts_at,
            actor=life.place.actors[PROVIDER],
            overrides=(
                OverrideEntry("too_early", "travel", "Abroad until the new year", ACCEPTS_ALL),
                *DESK_REASONS,
            ),
        )

    present.life.on(present.ago(1), 16, decide)


def consultation_booked(present: Present) -> None:
    """Away too long: the desk reached the patient, who is seen before anything is injected."""
    life, chart, day = present.life, present.chart, present.next_open_day + timedelta(days=2)
    _log(present, 2, "phone", "wants_to_book")

    def book() -> None:
        life.book_other(chart, VisitKind.CONSULTATION, day)

    life.on(present.ago(2), 12, book)


def consulted(present: Present) -> None:
    """Away too long, seen some days ago, and going on as before: the injection is booked."""
    life, chart = present.life, present.chart
    seen_on = next(
        day for day in (present.ago(n) for n in range(4, 14)) if life.place.works_on(chart.provider, day)
    )

    def book() -> None:
        visit_id = life.book_other(chart, VisitKind.CONSULTATION, seen_on)
        life.on(seen_on, 18, lambda: conclude(visit_id))

    def conclude(visit_id: int) -> None:
        consultations.conclude(life.change, visit_id, ConsultationOutcome.GO_ON)

    life.on(present.ago(20), 10, book)
    life.on(present.ago(2), 10, lambda: _take_suggestion(present, late=True))


def follow_up_booked(present: Present) -> None:
    """How it went is looked at some weeks after the injection."""
    life, chart, day = present.life, present.chart, present.next_open_day + timedelta(days=3)

    def book() -> None:
        life.book_other(chart, VisitKind.FOLLOW_UP, day)

    life.on(present.ago(6), 13, book)


def on_hold(present: Present) -> None:
    """The desk put this treatment on hold, until further notice."""
    life, chart = present.life, present.chart
    since = present.ago(5)

    def hold() -> None:
        course = course_in_clinic(life.session, life.place.clinic_id, chart.course_id)
        entry = HoldEntry(chart.patient_id, course.indication, since, None, HoldReason.SURGERY)
        holds.hold(life.change, entry)

    life.on(since, 10, hold)


def pregnant(present: Present) -> None:
    """A provider put the patient on hold, whatever is treated, until further notice."""
    life, since = present.life, present.ago(12)
    entry = HoldEntry(present.chart.patient_id, None, since, None, HoldReason.PREGNANCY)

    def hold() -> None:
        holds.hold(Change(life.session, life.place.actors[PROVIDER], life.now), entry)

    life.on(since, 15, hold)


def booked_then_held(present: Present) -> None:
    """Booked in time; then something came up, and the visit stands under Booking problems."""
    life, chart, since = present.life, present.chart, present.ago(1)
    life.on(present.ago(4), 14, lambda: _take_suggestion(present, late=False))

    def hold() -> None:
        entry = HoldEntry(
            chart.patient_id, chart.plan.indication, since, None, HoldReason.INFECTION, "On antibiotics"
        )
        holds.hold(life.change, entry)

    life.on(since, 9, hold)


def changed_product(present: Present) -> None:
    """The old course was stopped and one with another toxin opened soon after."""
    life, chart, day = present.life, present.chart, present.ago(8)

    def change() -> None:
        clinic_id = life.place.clinic_id
        old = course_in_clinic(life.session, clinic_id, chart.course_id)
        courses.stop(life.change, old.id, day, "Change of product")
        entry = CourseEntry(
            patient_id=chart.patient_id,
            indication=old.indication,
            product=DYSPORT,
            started_on=day,
            provider_id=old.provider_id,
            planned_units=Decimal(300),
        )
        courses.start_course(life.change, entry)

    life.on(day, 12, change)


def product_decided(present: Present) -> None:
    """As changed_product, and a provider has looked at it: the new toxin may follow when it is due."""
    life, chart = present.life, present.chart
    changed_product(present)

    def decide() -> None:
        course = life.open_course(chart)
        entry = OverrideEntry("other_toxin_review", "product_switched", "Too little effect on the fingers")
        until = present.last + timedelta(weeks=16)
        decisions.decide(Change(life.session, life.place.actors[PROVIDER], life.now), course.id, entry, until)

    life.on(present.ago(7), 12, decide)


def asked_about(_present: Present) -> None:
    """Wants to come before it is due: asked last of all, as an answer is waited for no longer than a day."""


def _take_suggestion(present: Present, *, late: bool) -> None:
    life, chart = present.life, present.chart
    course = course_in_clinic(life.session, life.place.clinic_id, chart.course_id)
    for slot in suggestions(life.session, course, life.now, TimesWanted(12)):
        if slot.late == late and slot.local_date > present.next_open_day:
            life.book_at(chart, slot.provider_id, slot.starts_at)
            return
    _take_a_day_by_hand(present)


def _take_a_day_by_hand(present: Present) -> None:
    """No day is good as it is, since an authorization is missing, say: the desk gives its reason."""
    life, chart = present.life, present.chart
    first = max(life.due_date(chart), present.next_open_day + timedelta(1))
    for day in (first + timedelta(days=n) for n in range(30)):
        starts_at = life.free_time(chart, day) if life.place.works_on(chart.provider, day) else None
        if starts_at is not None:
            life.book_at(chart, life.place.providers[chart.provider], starts_at)
            return
    raise LookupError("the demo's clinic has no time left; give its providers longer hours")


def _log(present: Present, days_ago: int, channel: str, outcome: str, *, hide_days: int = 0) -> None:
    life, chart = present.life, present.chart
    hide_until = present.today + timedelta(days=hide_days) if hide_days else None

    def log() -> None:
        contact_attempts.log(
            life.change,
            chart.course_id,
            channel,
            outcome,
            hide_until=hide_until,
        )

    life.on(present.ago(days_ago), 11, log)


ENDINGS: Mapping[str, Callable[[Present], None]] = {
    ending.__name__: ending
    for ending in (
        nothing,
        visits_next_open_day,
        called,
        stayed_away,
        booked,
        booked_late,
        booked_early,
        consultation_booked,
        consulted,
        follow_up_booked,
        on_hold,
        pregnant,
        booked_then_held,
        changed_product,
        product_decided,
        cosmetic_elsewhere,
        treated_on_the_way,
        asked_about,
    )
}
