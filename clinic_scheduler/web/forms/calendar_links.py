"""What staff choose about a calendar link, with what each choice means for who may read along."""

from dataclasses import replace
from typing import Any

from wtforms import SelectField

from clinic_scheduler.domain.calendars.links import (
    BESIDES_VISITS,
    CLINIC_DAY,
    CLINIC_KINDS,
    DUE_WINDOWS,
    MOST_CYCLES,
    PATIENT,
    PROVIDER,
    LinkKind,
    Shown,
)
from clinic_scheduler.languages import languages
from clinic_scheduler.web.forms.base import Form, choices, text_field

_YES_NO = [("", "No"), ("yes", "Yes")]
_CYCLES = [("0", "None"), *((str(n), f"{n} ahead") for n in range(1, MOST_CYCLES + 1))]
NEUTRAL = {
    PATIENT: "“Appointment” and the clinic’s phone",
    PROVIDER: "“Visit” and a reference",
    CLINIC_DAY: "“Visit” and a reference",
    DUE_WINDOWS: "“Visit” and a reference",
}
FULL = {
    PATIENT: "“Injection visit”, clinic, provider, headache diary",
    PROVIDER: "“Injection visit” and a reference",
    CLINIC_DAY: "“Injection visit” and a reference",
    DUE_WINDOWS: "“Injection visit” and a reference",
}
WHO_READS = (
    "Titles are read by whoever the calendar is shared with, by the company that keeps it, "
    "and by anyone who sees the phone’s locked screen. "
)
CONSEQUENCE = {
    PATIENT: WHO_READS
    + "The fuller title tells them what is treated here. Choose it only if the patient asks.",
    PROVIDER: WHO_READS + "Neither title names a patient; the fuller one says what the visits are for.",
    CLINIC_DAY: WHO_READS + "Neither title names a patient; the fuller one says what the visits are for.",
    DUE_WINDOWS: WHO_READS + "Neither title names a patient; the fuller one says what the visits are for.",
}


class NameForm(Form):
    """What can change while people are subscribed."""

    name = text_field("Name", required="Enter a name, such as Phone or Family calendar")
    cycles_ahead = SelectField(
        "Planned cycles shown",
        choices=choices(_CYCLES),
        default="0",
        description="After the next visit, as days to keep in mind; they may change",
    )
    due_windows = SelectField(
        "Days of visits to book",
        choices=choices(_YES_NO),
        default="",
        description="Of patients who are due and have no visit yet",
    )
    milestones = SelectField(
        "Milestones",
        choices=choices(_YES_NO),
        default="",
        description="Onset, counts and wear-off of each patient, as whole days",
    )
    reviews = SelectField(
        "Reviews",
        choices=choices(_YES_NO),
        default="",
        description="One entry a week, such as “5 reviews this week”",
    )
    all_clinics = SelectField(
        "Visits at all clinics",
        choices=choices(_YES_NO),
        default="",
        description="Of providers with the same e-mail address, at clinics you work in. "
        "Whoever has the link sees the times at each",
    )

    def for_kind(self, kind: LinkKind) -> None:
        """Leave out what a kind does not have."""
        if kind != PROVIDER:
            del self.all_clinics, self.due_windows, self.milestones, self.reviews
        if kind in CLINIC_KINDS:
            del self.cycles_ahead

    def later(self) -> dict[str, Any]:
        return {
            "cycles_ahead": int(self.cycles_ahead.data) if self.cycles_ahead else 0,
            **{name: bool(self[name].data) for name in ("all_clinics", *BESIDES_VISITS) if name in self},
        }


class TitleForm(Form):
    """What lasts as long as a link does."""

    reveal = SelectField("Titles say")
    language = SelectField(
        "Calendar in",
        choices=lambda: choices(languages().items()),
        description="Of its name and events; the patient’s own language unless chosen otherwise",
    )
    alarms = SelectField(
        "Alarm the day before",
        choices=choices(_YES_NO),
        default="",
        description="Calendars of Apple, Google and Outlook.com may ignore it",
    )

    def for_kind(self, kind: LinkKind) -> None:
        self.reveal.choices = choices([("neutral", NEUTRAL[kind]), ("full", FULL[kind])])
        self.reveal.description = CONSEQUENCE[kind]
        if kind != PATIENT:
            del self.language
        if kind == DUE_WINDOWS:
            del self.alarms  # windows are whole days; only visits have an alarm

    def shown(self, kept: Shown) -> Shown:
        """As `kept`, with these choices."""
        language = self.language.data if self.language else kept.language
        alarms = bool(self.alarms and self.alarms.data)
        return replace(kept, reveal=self.reveal.data, alarms=alarms, language=language)


class NewLinkForm(NameForm, TitleForm):
    """All that is chosen when a link is made."""

    def for_kind(self, kind: LinkKind) -> None:
        NameForm.for_kind(self, kind)
        TitleForm.for_kind(self, kind)

    def chosen(self) -> Shown:
        return self.shown(Shown(**self.later()))


def new_link_form(kind: str, **data: Any) -> NewLinkForm:
    form = NewLinkForm(**data)
    form.for_kind(LinkKind(kind))
    return form
