"""What makes a notification one and the same, however often it is planned; kept with its reminder as a text."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from clinic_scheduler.domain.messaging.kinds import CHANNELS


@dataclass(frozen=True, slots=True)
class DispatchKey:
    """Two reminders of one key are one notification. `revision` changes when what it is about has moved.

    One that a clinic's rules plan is of a course, with its `cycle` and `step`; one of what was done to a visit has
    its kind as the step; one of a calendar link has neither. `after` is the reminder of an invitation that went to
    another address, where the same invitation goes out again.
    """

    about: str
    cycle: str
    step: str
    channel: str
    revision: str
    after: str = ""

    @classmethod
    def of_course(cls, course_id: int, cycle: str, step: str, channel: str, revision: str) -> Self:
        return cls(str(course_id), cycle, step, channel, revision)

    @classmethod
    def of_visit(cls, visit_id: int, kind: str, channel: str, sequence: int) -> Self:
        return cls(str(visit_id), "", kind, channel, str(sequence))

    @classmethod
    def of_link(cls, feed_id: int, channel: str, now: datetime) -> Self:
        """The same within one minute."""
        return cls(f"feed-{feed_id}", "", "", channel, f"{now:%Y%m%dT%H%M}")

    @classmethod
    def read(cls, text: str) -> Self:
        """Of a text that `str` made. Raises ValueError for one that is no key."""
        parts = text.split(":")
        at = next((n for n, part in enumerate(parts) if part in CHANNELS), 0)
        before, channel, later = parts[:at], parts[at], parts[at + 1 :]
        if not 1 <= len(before) <= 3 or not 1 <= len(later) <= 2:
            raise ValueError(f"no key of a notification: {text!r}")
        about, *middle = before
        cycle, step = ["", "", *middle][-2:]
        return cls(about, cycle, step, channel, *later)

    def __str__(self) -> str:
        parts = (self.about, self.cycle, self.step, self.channel, self.revision, self.after)
        return ":".join(filter(None, parts))

    @property
    def sequence(self) -> int:
        """Of a visit, as this tells of it."""
        return int(self.revision)

    def on(self, channel: str) -> Self:
        """The same notification on another channel."""
        return replace(self, channel=channel)

    def again_after(self, reminder_id: int) -> Self:
        return replace(self, after=str(reminder_id))
