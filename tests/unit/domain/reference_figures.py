"""The shipped figures as the naive reading knows them, written out by hand a second time.

Nothing here comes from the engine: a figure mistyped there shows as a different answer. "-" stands for null. Not here:
words, codes and milestones, which decide no date (test_shipped_figures).
"""

from datetime import timedelta
from typing import Any

Json = dict[str, Any]

BOTOX = "onabotulinumtoxinA"
DYSPORT = "abobotulinumtoxinA"
XEOMIN = "incobotulinumtoxinA"
MYOBLOC = "rimabotulinumtoxinB"
DAXXIFY = "daxibotulinumtoxinA"

ADULT_AGE = 18
CAP_WINDOW = timedelta(days=84)  # every product's
GRACE_AFTER_DUE = "P7D"
OTHER_PRODUCT_REVIEW = "P16W"


def table(text: str) -> list[Json]:
    """Rows by the names of the first line; a figure is a whole number, everything else stays a text."""
    head, *rows = (line.split() for line in text.strip().splitlines())
    return [dict(zip(head, map(value, row), strict=True)) for row in rows]


def value(cell: str) -> str | int | None:
    if cell == "-":
        return None
    return int(cell) if cell.isdigit() else cell


PRODUCTS: dict[str, Json] = {
    row.pop("product"): row
    for row in table("""
product              cap   child_per_kg  child_cap
onabotulinumtoxinA   400   10            340
abobotulinumtoxinA   1500  30            1000
incobotulinumtoxinA  400   16            400
rimabotulinumtoxinB  -     -             -
daxibotulinumtoxinA  -     -             -
""")
}

INDICATIONS: dict[str, Json] = {
    row.pop("indication"): row
    for row in table("""
indication              absolute_minimum  minimum  due_from  on_time  lapse  first_within  typical
chronic_migraine        P78D              P84D     P12W      P13W     P26W   P4W           155
spasticity_upper_limb   P84D              P84D     P3M       P4M      P6M    P4W           300
spasticity_lower_limb   P84D              P84D     P3M       P4M      P6M    P4W           300
cervical_dystonia       P84D              P84D     P12W      P16W     P26W   P4W           200
blepharospasm           P84D              P84D     P12W      P16W     P26W   P4W           50
hemifacial_spasm        P84D              P84D     P12W      P16W     P26W   P4W           30
sialorrhea              P84D              P84D     P16W      P20W     P30W   P4W           100
axillary_hyperhidrosis  P84D              P84D     P24W      P39W     P52W   P4W           100
overactive_bladder      P84D              P84D     P24W      P36W     P52W   P4W           100
""")
}

# longer_minimum holds for those younger than longer_under on the day it counts from; "-" there is every age.
LABELS: dict[tuple[str, str], Json] = {
    (row.pop("product"), row.pop("indication")): row
    for row in table("""
product  indication  licensed  minimum_age  session_cap  child_per_kg  child_cap  typical  longer_minimum  longer_under
onabotulinumtoxinA   chronic_migraine        yes  18  -      -   -     155   -     -
onabotulinumtoxinA   spasticity_upper_limb   yes  2   400    6   200   300   -     -
onabotulinumtoxinA   spasticity_lower_limb   yes  2   400    8   300   300   -     -
onabotulinumtoxinA   cervical_dystonia       yes  18  -      -   -     200   -     -
onabotulinumtoxinA   blepharospasm           yes  12  200    -   -     50    -     -
onabotulinumtoxinA   axillary_hyperhidrosis  yes  18  100    -   -     100   -     -
onabotulinumtoxinA   overactive_bladder      yes  18  100    -   -     100   -     -
onabotulinumtoxinA   hemifacial_spasm        no   18  -      -   -     30    -     -
onabotulinumtoxinA   sialorrhea              no   18  -      -   -     100   -     -
abobotulinumtoxinA   spasticity_upper_limb   yes  2   1000   16  640   500   P16W  18
abobotulinumtoxinA   spasticity_lower_limb   yes  2   1500   30  1000  1000  -     -
abobotulinumtoxinA   cervical_dystonia       yes  18  1000   -   -     500   -     -
incobotulinumtoxinA  spasticity_upper_limb   yes  2   400    16  400   300   -     -
incobotulinumtoxinA  cervical_dystonia       yes  18  -      -   -     120   -     -
incobotulinumtoxinA  blepharospasm           yes  18  100    -   -     50    -     -
incobotulinumtoxinA  sialorrhea              yes  2   100    -   75    100   P16W  -
rimabotulinumtoxinB  cervical_dystonia       yes  18  10000  -   -     5000  -     -
rimabotulinumtoxinB  sialorrhea              yes  18  3500   -   -     2500  -     -
daxibotulinumtoxinA  cervical_dystonia       yes  18  250    -   -     125   -     -
""")
}
LIKE_THE_INDICATION = (BOTOX, XEOMIN)


def label_for(product: str, indication: str) -> Json:
    """The label of the pair; one that is not in the table has the figures for such pairs."""
    if (product, indication) in LABELS:
        return LABELS[product, indication]
    typical = INDICATIONS[indication]["typical"] if product in LIKE_THE_INDICATION else None
    nothing = dict.fromkeys(("session_cap", "child_per_kg", "child_cap", "longer_minimum", "longer_under"))
    return {"licensed": "no", "minimum_age": ADULT_AGE, "typical": typical, **nothing}
