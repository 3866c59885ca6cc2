"""What must agree over all rows of one patient number: birth date and name. Not the patient's record."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from clinic_scheduler.importing.cells.dates import DateOrder, latest_century
from clinic_scheduler.importing.cells.names import name_key
from clinic_scheduler.importing.rows.drafts import Draft

MAX_AGE_YEARS = 120
# Nobody is treated under two, so a two-digit year that would make a patient younger means a century before.
YOUNGEST = timedelta(days=2 * 365)


def settle_patients(drafts: Iterable[Draft], order: DateOrder, as_of: date) -> None:
    """Give every draft with a patient number its patient's date of birth and name; report what disagrees."""
    by_mrn: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.mrn:
            by_mrn[draft.mrn].append(draft)
    for rows in by_mrn.values():
        _settle_birth_date(rows, order, as_of)
        _settle_name(rows)
    _warn_of_lost_zeros(by_mrn)


def _warn_of_lost_zeros(by_mrn: Mapping[str, list[Draft]]) -> None:
    """Spreadsheets drop leading zeros; one patient read as two would lose the interval between treatments."""
    first: dict[str, list[Draft]] = {}
    for mrn, rows in by_mrn.items():
        known = first.setdefault(mrn.lstrip("0"), rows)
        if known is not rows:
            line = known[0].row.line
            rows[0].warn(
                "mrn", f"line {line} has the same number with other leading zeros; are they one patient?"
            )


def _settle_birth_date(rows: list[Draft], order: DateOrder, as_of: date) -> None:
    """Majority wins; a row with another date is bad, and where no date has a majority all of them are."""
    treated = [row.given_on for row in rows if row.given_on and row.given_on <= as_of]
    full = {
        row.birth_written.on(order)
        for row in rows
        if row.birth_written is not None and not row.birth_written.short_year
    }
    for row in rows:
        row.birth_date = _birth_date(row, order, min(treated, default=as_of), full)
        _check_birth_date(row, as_of)
    votes = Counter(row.birth_date for row in rows if row.birth_date)
    if not votes:
        for row in rows:
            if row.birth_written is None and not any(
                p.column == row.columns.name("birth_date") for p in row.problems
            ):
                row.error("birth_date", "the date of birth is missing, and no other row of this MRN has one")
        return
    (chosen, most), *others = votes.most_common()
    tied = [day for day, count in others if count == most]
    for row in rows:
        if row.birth_date is None and not row.bad:
            row.birth_date = chosen
            row.warn("birth_date", "the date of birth is missing; it was taken from other rows of this MRN")
        elif row.birth_date in tied or (tied and row.birth_date == chosen):
            row.error("birth_date", "this MRN has different dates of birth, each equally often")
        elif row.birth_date not in (chosen, None):
            row.error(
                "birth_date", f"another date of birth for this MRN: {most} of its rows say {chosen:%d-%b-%Y}"
            )


def _birth_date(row: Draft, order: DateOrder, first_treated: date, full: set[date]) -> date | None:
    """A short year takes the century that a row with four digits gives, else the latest that makes sense."""
    written = row.birth_written
    if written is None:
        return None
    day = latest_century(written, order, first_treated - YOUNGEST)
    if written.short_year:
        return next(
            (
                known
                for known in full
                if known.year % 100 == written.year and known.timetuple()[1:3] == day.timetuple()[1:3]
            ),
            day,
        )
    return day


def _check_birth_date(row: Draft, as_of: date) -> None:
    """A birth date that no living patient has is an error and gets no vote."""
    born = row.birth_date
    if born is None:
        return
    if born > as_of:
        row.error("birth_date", "the date of birth is in the future")
    elif as_of.year - born.year > MAX_AGE_YEARS:
        row.error("birth_date", f"the date of birth is more than {MAX_AGE_YEARS} years ago")
    else:
        return
    row.birth_date = None


def _settle_name(rows: list[Draft]) -> None:
    """One way to write the name for all rows; where rows disagree, the most frequent name and a warning."""
    named = [row for row in rows if row.family_name]
    if not named:
        for row in rows:
            row.error(
                _name_column(row), "the patient's name is missing, and no other row of this MRN has one"
            )
        return
    keys = Counter(name_key(row.family_name, row.given_name) for row in named)
    key = keys.most_common(1)[0][0]
    same = [row for row in named if name_key(row.family_name, row.given_name) == key]
    certain = [row for row in same if row.name_split_by_clinic] or same
    family, given = Counter((row.family_name, row.given_name) for row in certain).most_common(1)[0][0]
    for row in rows:
        if not row.family_name:
            row.warn(
                _name_column(row), "the patient's name is missing; it was taken from other rows of this MRN"
            )
        elif not _agree(key, name_key(row.family_name, row.given_name)):
            _report_other_name(row)
        row.family_name, row.given_name = family, given


def _agree(key: frozenset[str], other: frozenset[str]) -> bool:
    """The same words, or one name with a word less (a middle name, the second half of a double name)."""
    return key <= other or other <= key


def _report_other_name(row: Draft) -> None:
    if row.birth_written is None:
        row.error(
            _name_column(row), "another name for this MRN and no date of birth; is the patient number right?"
        )
    else:
        row.warn(
            _name_column(row),
            "another name for this MRN; the more frequent one is used. Is the number right?",
        )


def _name_column(row: Draft) -> str:
    return "patient_name" if "patient_name" in row.columns.positions else "family_name"
