"""Every sentence that is said on the phone of a date, an interval or a block, character for character."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from builders import TODAY, day, forecast, given

from clinic_scheduler.domain.forecast.blocks import BLOCKS
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.spoken_why import blocked_said, dates_said, in_words
from clinic_scheduler.domain.forecast.values import Reason
from clinic_scheduler.languages import Language, language
from tests.patient_texts import same_as_golden

AS_OF = day(TODAY)
FOUND = forecast([given("2026-08-31")])
NAMES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
FROM, FAR = "2026-09-30", "2025-03-01"
# The rule and its inputs, one of each way a day can come about.
REASONS = {
    "start": ("DD-3a", {}),
    "after": ("DD-3a", {"from": FROM, "interval": "P12W"}),
    "long after": ("DD-3a", {"from": FAR, "interval": "P3M1W"}),
    "payer": ("DD-3a", {"from": FROM, "interval": "P85D", "asked_by": "payer"}),
    "other": ("DD-3b", {"from": FROM, "interval": "P1W"}),
    "cap": ("DD-3c", {"from": FROM, "window": "P1M"}),
    "cap changes": ("DD-3c", {}),
    "floor": ("DD-4", {"earliest_date": FROM}),
    "grace": ("DD-5", {"due_date": FROM, "grace_after_due": "P1D"}),
    "overdue": ("DD-6", {"overdue_date": FROM}),
    "more than": ("DD-6", {"from": FROM, "interval": "P147D"}),
}
INTERVALS = [f"P{n}{unit}" for unit in "DWM" for n in (1, 2, 6, 11, 19, 20, 21)] + [
    "P1M1W",
    "P2M10D",
    "P1M1D",
]
AUTHORIZATION = ("authorization_exhausted", "authorization_expires_before_due", "authorization_missing")


def dates(language: Language) -> Iterator[tuple[str, str]]:
    for how, (rule, inputs) in REASONS.items():
        said = []
        for off in (40, -40, 300):
            on = AS_OF + timedelta(off)
            because = [Reason(name, rule, "", "", inputs) for name in NAMES]
            found = FOUND._replace(because=because, **dict.fromkeys(NAMES, on))
            said += dates_said(found, AS_OF, language).values()
        yield how, "\n".join(said)
    every_month = [FOUND._replace(earliest_date=date(2027, month, 2 * month + 3)) for month in range(1, 13)]
    yield "months", "\n".join(dates_said(one, AS_OF, language)["earliest_date"] for one in every_month)
    yield "intervals", "\n".join(in_words(parse_interval(each), language) for each in INTERVALS)
    blocks = [(block,) for block in (*sorted(BLOCKS), *AUTHORIZATION)] + [("on_hold", "plan_missing")]
    yield "blocks", "\n".join(str(blocked_said(FOUND._replace(blocks=each), language)) for each in blocks)


@pytest.mark.parametrize("code", ["en", "es"])
def test_sentences_for_the_phone(code: str) -> None:
    same_as_golden(f"spoken.{code}.txt", dates(language(code)))
