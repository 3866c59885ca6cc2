"""What feeds show, and how: statuses, windows, milestones, stamps, names, notices."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_scheduler.calendars.event_texts import full_title
from clinic_scheduler.calendars.feed import feed_version, patient_feed, provider_feed, stopped_feed
from clinic_scheduler.calendars.invitation import visit_attachment
from clinic_scheduler.calendars.patient_texts import patient_words
from clinic_scheduler.domain.calendars.values import PATIENT, PROVIDER, Audience, Revision
from clinic_scheduler.languages import language, languages

from .feeds import events, only_event, patient, provider, values
from .lint import lint, parse
from .rows import (
    CLINIC,
    CYCLE,
    FULL,
    FULL_PROVIDER,
    FULL_TITLE,
    MILESTONE,
    NOW,
    SPANISH,
    SUBSCRIPTION,
    UPDATED,
    VISIT,
    WINDOW,
    visit,
)
from .samples import KINDS, sample_rows


@pytest.mark.parametrize("status", ["booked", "arrived", "fulfilled"])
def test_visits_that_stand_are_confirmed_and_take_up_time(status: str) -> None:
    event = only_event(patient(visit(status=status)))
    assert values(event, "STATUS", "TRANSP", "SUMMARY") == ["CONFIRMED", "OPAQUE", "Appointment"]
    assert event.one("DTSTART").params == ";TZID=America/Chicago"
    assert values(event, "DTSTART", "DTEND") == ["20260310T093000", "20260310T100000"]


@pytest.mark.parametrize("status", ["cancelled", "noshow"])
def test_called_off_visits_stay_transparent_until_their_end_and_then_go(status: str) -> None:
    called_off = visit(status=status, sequence=4)
    event = only_event(patient(called_off, now=VISIT.ends_at - timedelta(seconds=1)))
    assert values(event, "STATUS", "TRANSP", "SEQUENCE") == ["CANCELLED", "TRANSPARENT", "4"]
    assert event.one("SUMMARY").value == "Cancelled: Appointment"
    gone = only_event(patient(called_off, now=VISIT.ends_at))
    assert gone.one("UID").value == "empty-feed-1@calendars.example.org"


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist", "entered-in-error"])
def test_visits_that_are_not_appointments_are_never_shown(status: str) -> None:
    assert b"visit-other@" not in patient(VISIT, visit(id="other", status=status))


def test_due_window_and_the_visit_booked_from_it_keep_one_uid() -> None:
    window = only_event(patient(replace(WINDOW, id=VISIT.id)))
    booked = only_event(patient(VISIT))
    assert window.one("UID") == booked.one("UID")


def test_due_window_is_a_tentative_transparent_run_of_days_with_exclusive_end() -> None:
    event = only_event(patient(WINDOW))
    assert values(event, "STATUS", "TRANSP") == ["TENTATIVE", "TRANSPARENT"]
    assert event.one("DTSTART").params == event.one("DTEND").params == ";VALUE=DATE"
    assert values(event, "DTSTART", "DTEND") == ["20260602", "20260617"]


def test_milestone_ends_the_day_after_its_last_day() -> None:
    event = only_event(patient(MILESTONE))
    assert values(event, "STATUS", "TRANSP") == ["TENTATIVE", "TRANSPARENT"]
    assert values(event, "DTSTART", "DTEND") == ["20260324", "20260401"]


def test_milestone_without_words_of_its_own_is_a_plain_check_in() -> None:
    unknown = replace(MILESTONE, kind="toxin_review")
    assert only_event(patient(unknown)).one("SUMMARY").value == "Check-in"
    assert only_event(provider(unknown)).one("SUMMARY").value == "Follow-up: R-4821"


def test_a_planned_cycle_is_a_tentative_run_of_days_of_its_own() -> None:
    event = only_event(patient(CYCLE))
    assert values(event, "STATUS", "TRANSP", "DTSTART", "DTEND", "UID") == [
        "TENTATIVE",
        "TRANSPARENT",
        "20260825",
        "20260909",
        "cycle-c2r7@calendars.example.org",
    ]


def test_what_a_diary_is_of_is_told_only_where_the_reader_chose_to_be_told() -> None:
    for kind in ("four_week_count", "response_review"):
        counted = replace(MILESTONE, kind=kind)
        assert "diary" in only_event(patient(counted)).one("DESCRIPTION").value
        assert "eadache" not in patient(counted).decode()
        assert "headache diary" in only_event(patient(counted, audience=FULL)).one("DESCRIPTION").value


def test_a_clinics_day_says_whose_visit_it_is_and_a_calendar_over_clinics_where() -> None:
    day = only_event(provider(VISIT, audience=Audience("clinic_day")))
    assert day.one("SUMMARY").value == "Dr. Ada Okafor: Visit R-4821"
    placed = only_event(provider(visit(place="Elm Street")))
    assert placed.one("DESCRIPTION").value.endswith("\\nClinic: Elm Street")


def test_an_alarm_is_part_of_what_a_reader_may_have_already() -> None:
    plain = feed_version([VISIT], CLINIC, SUBSCRIPTION, PATIENT)
    assert feed_version([VISIT], CLINIC, SUBSCRIPTION, PATIENT, alarm_before=timedelta(days=1)) != plain


def test_provider_sees_opaque_reference_status_and_who_treats() -> None:
    event = only_event(provider(visit(status="arrived")))
    assert values(event, "SUMMARY", "DESCRIPTION") == [
        "Visit R-4821",
        "Provider: Dr. Ada Okafor\\nStatus: Arrived",
    ]


def test_full_reveal_shows_the_chosen_title_clinic_and_provider() -> None:
    event = only_event(patient(VISIT, audience=FULL))
    assert event.one("SUMMARY").value == FULL_TITLE
    assert event.one("DESCRIPTION").value.startswith("With Dr. Ada Okafor. ")
    assert event.one("LOCATION").value == ("Elm Street Headache Clinic\\, 1 Elm Street\\, Austin\\, TX 78701")
    assert only_event(provider(VISIT, audience=FULL_PROVIDER)).one("SUMMARY").value == f"{FULL_TITLE} R-4821"


def test_a_feed_is_never_written_for_the_other_audience() -> None:
    with pytest.raises(ValueError, match="a patient feed can't be written for a provider"):
        patient(VISIT, audience=PROVIDER)
    with pytest.raises(ValueError, match="a provider feed can't be written for a patient"):
        provider(VISIT, audience=PATIENT)


def test_two_rows_of_one_uid_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows share the UID visit-k3v9@"):
        patient(VISIT, replace(WINDOW, id=VISIT.id))


def test_a_milestone_may_have_the_id_of_a_visit() -> None:
    assert len(events(patient(VISIT, replace(MILESTONE, id=VISIT.id)))) == 2


def test_calendar_names_are_neutral() -> None:
    assert [parse(patient(VISIT)).one(name).value for name in ("NAME", "X-WR-CALNAME")] == [
        "My appointments"
    ] * 2
    assert parse(provider(VISIT)).one("NAME").value == "Clinic schedule"


def test_readers_are_asked_to_come_back_every_hour() -> None:
    calendar = parse(patient(VISIT))
    assert calendar.one("REFRESH-INTERVAL").value == calendar.one("X-PUBLISHED-TTL").value == "PT1H"


def test_alarms_come_only_where_asked_for_and_only_before_visits_that_stand() -> None:
    rows = [VISIT, visit(id="off", status="cancelled"), WINDOW, MILESTONE]
    assert b"VALARM" not in patient(*rows)
    alarmed = [
        event for event in events(patient(*rows, alarm_before=timedelta(hours=2))) if event.parts("VALARM")
    ]
    assert [event.one("UID").value for event in alarmed] == ["visit-k3v9@calendars.example.org"]
    assert values(alarmed[0].parts("VALARM")[0], "TRIGGER", "DESCRIPTION") == ["-PT2H", "Appointment"]


def test_an_alarm_at_or_after_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="at least a minute"):
        patient(VISIT, alarm_before=timedelta(0))


def test_events_are_in_order_of_time() -> None:
    rows = [WINDOW, MILESTONE, visit(id="z", starts_at=VISIT.starts_at - timedelta(hours=1)), VISIT]
    assert [event.one("UID").value.split("@")[0] for event in events(patient(*rows))] == [
        "visit-z",
        "visit-k3v9",
        "milestone-m8q1",
        "visit-w5t2",
    ]


def test_visits_in_two_zones_bring_two_vtimezones() -> None:
    body = patient(VISIT, visit(id="b", zone="America/New_York"))
    assert lint(body) == []
    assert [block.one("TZID").value for block in parse(body).parts("VTIMEZONE")] == [
        "America/Chicago",
        "America/New_York",
    ]


def test_days_alone_need_no_vtimezone() -> None:
    assert b"VTIMEZONE" not in patient(WINDOW, MILESTONE)


def test_an_empty_feed_is_one_dated_notice_that_stays_the_same() -> None:
    event = only_event(patient())
    assert values(event, "SUMMARY", "DTSTART", "DTSTAMP", "TRANSP") == [
        "No appointments planned",
        "20260102",
        "20260102T150000Z",
        "TRANSPARENT",
    ]
    assert patient() == patient(now=NOW + timedelta(days=400))
    assert "Call" not in only_event(provider()).one("DESCRIPTION").value


@pytest.mark.parametrize("told", [PATIENT, FULL], ids=["neutral", "full"])
def test_a_spanish_calendar_has_the_same_events_and_not_one_english_sentence(told: Audience) -> None:
    spanish = replace(told, language="es", full_title=told.full_title and full_title("es"))
    rows = [*sample_rows(), replace(MILESTONE, id="new", kind="a_kind_to_come")]
    for feed_of in (rows, []):
        here, there = (parse(patient(*feed_of, audience=each)) for each in (told, spanish))
        assert (here.one("NAME").value, there.one("NAME").value) == ("My appointments", "Mis citas")
        for english, other in zip(here.parts("VEVENT"), there.parts("VEVENT"), strict=True):
            assert values(english, "UID", "DTSTART", "SEQUENCE") == values(
                other, "UID", "DTSTART", "SEQUENCE"
            )
            for name in ("SUMMARY", "DESCRIPTION"):
                assert english.one(name).value != other.one(name).value
            words = re.findall(r"\w+", other.one("SUMMARY").value + other.one("DESCRIPTION").value)
            assert not {"the", "your", "call", "visit", "appointment", "cancelled"} & {
                w.lower() for w in words
            }


def test_every_milestone_has_words_in_every_language() -> None:
    for words in (patient_words(language(code)) for code in languages()):
        assert set(words.milestones) == set(KINDS)
        assert set(words.fuller_milestones) <= set(KINDS)


def test_whom_to_call_is_said_as_the_language_has_it() -> None:
    nobody = replace(CLINIC, phone="")
    for clinic, audience, sentence in (
        (CLINIC, PATIENT, "To change or cancel, call 512-555-0100."),
        (nobody, PATIENT, "To change or cancel, call the clinic."),
        (CLINIC, FULL, "call Elm Street Headache Clinic at 512-555-0100."),
        (nobody, FULL, "call Elm Street Headache Clinic."),
        (CLINIC, SPANISH, "Para cambiarla o cancelarla, llame al 512-555-0100."),
        (nobody, SPANISH, "Para cambiarla o cancelarla, llame a la clínica."),
        (CLINIC, replace(FULL, language="es"), "llame a Elm Street Headache Clinic al 512-555-0100."),
        (nobody, replace(FULL, language="es"), "llame a Elm Street Headache Clinic."),
    ):
        body = patient_feed([VISIT], clinic=clinic, subscription=SUBSCRIPTION, now=NOW, audience=audience)
        assert only_event(body).one("DESCRIPTION").value.replace("\\,", ",").endswith(sentence)


def test_what_the_clinic_changed_of_itself_is_counted_in_by_every_event() -> None:
    at = UPDATED + timedelta(days=1)
    revised = replace(CLINIC, revision=Revision(2, at))
    rows = [VISIT, WINDOW, CYCLE, MILESTONE]
    notice = {"on": date(2026, 3, 1), "subscription": SUBSCRIPTION, "updated_at": UPDATED}
    for write in (
        lambda clinic: patient_feed(rows, clinic=clinic, subscription=SUBSCRIPTION, now=NOW),
        lambda clinic: provider_feed(rows, clinic=clinic, subscription=SUBSCRIPTION, now=NOW),
        lambda clinic: patient_feed([], clinic=clinic, subscription=SUBSCRIPTION, now=NOW),
        lambda clinic: stopped_feed(clinic=clinic, **notice),
        lambda clinic: visit_attachment(VISIT, clinic=clinic),
    ):
        for before, after in zip(
            *(parse(write(each)).parts("VEVENT") for each in (CLINIC, revised)), strict=True
        ):
            assert int(after.one("SEQUENCE").value) == int(before.one("SEQUENCE").value) + 2
            assert values(after, "DTSTAMP", "LAST-MODIFIED") == [f"{at:%Y%m%dT%H%M%SZ}"] * 2
    earlier = replace(CLINIC, revision=Revision(1, UPDATED - timedelta(days=1)))
    (event,) = parse(visit_attachment(VISIT, clinic=earlier)).parts("VEVENT")
    assert event.one("LAST-MODIFIED").value == f"{UPDATED:%Y%m%dT%H%M%SZ}"


def test_a_revoked_link_becomes_one_notice() -> None:
    body = stopped_feed(
        on=date(2026, 3, 1),
        clinic=CLINIC,
        subscription=SUBSCRIPTION,
        updated_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    )
    event = only_event(body)
    assert values(event, "UID", "SUMMARY", "DTSTART", "DTEND", "TRANSP", "LAST-MODIFIED") == [
        "notice-feed-1@calendars.example.org",
        "This calendar link was stopped",
        "20260301",
        "20260302",
        "TRANSPARENT",
        "20260301T090000Z",
    ]
