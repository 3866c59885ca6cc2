"""The units of a row: its own column of units, or what the columns of single sites come to."""

import re
from collections.abc import Mapping

from .drafts import Draft
from .quantities import NumberForm, read_units
from .tidying import tidy

# Billed by 5 and by 100 units; the other toxins are billed by the unit.
# The modifier of what was thrown away of a vial.
_DISCARDED = re.compile(r"\bJ\d{4}[\s,/:-]*JW\b", re.IGNORECASE)
_COARSE_BILLING = re.compile(r"\bJ058[67]\b", re.IGNORECASE)


def read_dose(draft: Draft, numbers: NumberForm) -> None:
    """A row may be a part of its visit; whether so few are plausible is asked once the file's shape is known."""
    sites = draft.columns.site_units(draft.row.cells)
    text = tidy(draft.raw("units"))
    if _DISCARDED.search(draft.raw("product")):
        draft.error("product", "is the line of a bill for what was discarded, not given")
        return
    if draft.elsewhere and not text and not sites:
        return
    product = None if draft.elsewhere else draft.product
    try:
        summed = _sum(sites, product, numbers) if sites else None
        given = read_units(text, product, numbers, part=True) if text or not sites else None
    except ValueError as error:
        draft.error("units", str(error))
        return
    draft.units = summed if given is None else given
    if given is not None and summed is not None and abs(given - summed) > 0.005:
        draft.warn("units", f"differs from the sum of the sites ({summed:g}); the total is kept")
    if draft.units == 0:
        draft.warn("units", "0 units: kept as not given; it starts no new interval")
    if match := _COARSE_BILLING.search(draft.raw("product")):
        draft.warn(
            "units", f"one billing unit of {match[0].upper()} is several units; are these the toxin's own?"
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
