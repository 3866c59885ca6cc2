"""The units of a row: its own column of units, or what the columns of single sites come to."""

import re
from collections.abc import Mapping

from clinic_scheduler.importing.cells.products import coarsely_billed, is_named, units_each
from clinic_scheduler.importing.cells.quantities import Counted, NumberForm, read_units
from clinic_scheduler.importing.cells.tidying import tidy
from clinic_scheduler.importing.rows.drafts import Draft

# The modifier of what was thrown away of a vial.
_DISCARDED = re.compile(r"\bJ\d{4}[\s,/:-]*JW\b", re.IGNORECASE)


def read_dose(draft: Draft, numbers: NumberForm, counted: Counted | None) -> None:
    """A row may be a part of its visit; whether so few are plausible is asked once the file's shape is known.

    Columns of single sites are the toxin's own units, whatever the column of units is `counted` in.
    """
    sites = draft.columns.site_units(draft.row.cells)
    text = tidy(draft.raw("units"))
    if _DISCARDED.search(draft.raw("product")):
        draft.error("product", "is the line of a bill for what was discarded, not given")
        return
    if draft.elsewhere and not text and not sites:
        return
    product = None if draft.elsewhere else draft.product
    each = units_each(draft.product) if counted is Counted.BILLING else 1
    try:
        summed = _sum(sites, product, numbers) if sites else None
        given = read_units(text, product, numbers, part=True, each=each) if text or not sites else None
    except ValueError as error:
        draft.error("units", str(error))
        return
    draft.units = summed if given is None else given
    if given is not None and summed is not None and abs(given - summed) > 0.005:
        draft.warn("units", f"differs from the sum of the sites ({summed:g}); the total is kept")
    if draft.units == 0:
        draft.warn("units", "0 units: kept as not given; it starts no new interval")
    if counted is None and given:
        _ask_what_is_counted(draft, given)


def _ask_what_is_counted(draft: Draft, given: float) -> None:
    """Beside a billing code alone a number may be either, and 5 or 100 times apart; a name makes it the toxin's own."""
    text = draft.raw("product")
    billed = coarsely_billed(text)
    if billed is None:
        return
    code, each = billed.hcpcs, billed.units_per_billing_unit
    if is_named(text, billed):
        draft.warn("units", f"one billing unit of {code} is {each} units; are these the toxin's own?")
    elif given > 0:
        draft.error(
            "units",
            f"reads {given:,g}: as billing units of {code} ({each} U each) that is {given * each:,g} U, "
            f'as the toxin\'s own {given:,g} U. Left out until somebody says which: "units": "billing" or '
            f'"units": "toxin" in a mapping file, or the name ({billed.brand}) beside the code if they are its own',
        )


def _sum(sites: Mapping[str, str], product: str | None, numbers: NumberForm) -> float:
    """Less than 0 where each site is. Raises ValueError that names the site, or says that the sum is not plausible."""
    units = []
    for header, text in sites.items():
        if not tidy(text):
            continue
        try:
            units.append(read_units(tidy(text), None, numbers, part=True))
        except ValueError as error:
            raise ValueError(f"{header}: {error}") from error
    if min(units, default=0) < 0 < max(units, default=0):
        raise ValueError(
            "some sites have less than 0 units and some have more; nobody can tell what was given"
        )
    return read_units(f"{round(sum(units), 4):g}", product, part=True)
