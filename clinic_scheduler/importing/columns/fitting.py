"""How well a column's cells fit a field, and which fields cells alone tell. Headers are not looked at here."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import median

from clinic_scheduler.importing.columns.content import Look, Profile

# Fewer cells than this say nothing against a header.
ENOUGH = 3
_HARDLY_ANY = 0.2
_MOST = 0.8
_FULL_VIALS = (50, 100, 200, 300, 400, 500, 600, 1_000, 2_500, 5_000, 10_000)
_DATES = (Look.DATE, Look.DAY_NUMBER)


class Fit(IntEnum):
    """Larger is better."""

    AGAINST = 0
    SILENT = 1
    FITS = 2
    TELLS = 3


# What cells of a field may look like. Fields that are not here take any text.
_MAY_LOOK: dict[str, tuple[Look, ...]] = {
    "mrn": (Look.IDENTIFIER, Look.LOT),
    "patient_name": (Look.PERSON, Look.TITLED),
    "family_name": (Look.PERSON,),
    "given_name": (Look.PERSON,),
    "birth_date": _DATES,
    "given_on": _DATES,
    "lot_expires_on": (*_DATES, Look.MONTH),
    "phone": (Look.PHONE,),
    "email": (Look.EMAIL,),
    "diagnosis": (Look.DIAGNOSIS, Look.CODE, Look.WORDS),
    "icd10": (Look.CODE,),
    "product": (Look.PRODUCT, Look.WORDS),
    "units": (Look.NUMBER,),
    "units_wasted": (Look.NUMBER,),
    "site_units": (Look.NUMBER,),
    "lot": (Look.LOT, Look.WORDS),
    "provider_name": (Look.PERSON, Look.TITLED, Look.WORDS),
    "muscle": (Look.MUSCLE, Look.PERSON, Look.WORDS),
    "side": (Look.SIDE,),
}
# Looks that tell a field by themselves, and how many cells must have one.
_TELLS: dict[str, tuple[Look, float]] = {
    "email": (Look.EMAIL, _MOST),
    "icd10": (Look.CODE, _MOST),
    "product": (Look.PRODUCT, _MOST),
    "diagnosis": (Look.DIAGNOSIS, 0.6),
    "phone": (Look.PHONE, _MOST),
    "muscle": (Look.MUSCLE, 0.7),
    "side": (Look.SIDE, 0.9),
    "provider_name": (Look.TITLED, 0.6),
}
# No other field's cells look like that, and a wrong column does no harm beyond its own row.
UNMISTAKABLE = frozenset(("icd10", "product"))


def fit(field: str, profile: Profile) -> Fit:
    cells = len(profile.cells)
    if not cells:
        return Fit.SILENT
    if field in _TELLS and profile.share(_TELLS[field][0]) >= _TELLS[field][1]:
        return Fit.TELLS
    if field == "location" and profile.share(Look.MUSCLE) >= _TELLS["muscle"][1]:
        return Fit.AGAINST
    share = profile.share(*_MAY_LOOK[field]) if field in _MAY_LOOK else 1.0
    if share > _HARDLY_ANY and not _another(field, profile):
        return Fit.FITS if share >= 0.5 else Fit.SILENT
    return Fit.AGAINST if cells >= ENOUGH else Fit.SILENT


def _another(field: str, profile: Profile) -> bool:
    """Whether the cells, of the right shape, are plainly those of another field."""
    if field in ("family_name", "given_name", "patient_name", "provider_name"):
        return profile.share(Look.PRODUCT) >= _MOST or profile.share(Look.DIAGNOSIS) >= _MOST
    if field in ("mrn", "lot"):
        return profile.share(Look.DATE) >= _MOST or (field == "lot" and profile.share(Look.PRODUCT) >= _MOST)
    if field == "muscle":
        return profile.share(Look.MUSCLE) <= _HARDLY_ANY
    return field == "product" and profile.share(Look.MUSCLE) >= _MOST


@dataclass(frozen=True)
class FieldByCells:
    """What cells alone tell of a column, and the reason in words."""

    position: int
    field: str
    why: str


def told_by_cells(
    columns: Sequence[Profile], free: Collection[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    """Fields that the cells of the free columns tell, one column each. `known` are fields placed by header."""
    left = {index for index in free if columns[index].cells}
    for find in (_shapes, _dates, _people, _doses, _numbers_of_people, _lots):
        for told in list(find(columns, sorted(left), wanted, known)):
            if told.position in left and told.field in wanted:
                left.discard(told.position)
                yield told


def _shapes(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    for field, (look, _) in _TELLS.items():
        telling = [index for index in left if fit(field, columns[index]) is Fit.TELLS]
        if len(telling) == 1 and not (field == "phone" and columns[telling[0]].share(Look.IDENTIFIER) > 0.5):
            yield FieldByCells(telling[0], field, _so_many(columns[telling[0]], look))


def _dates(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    """Births lie years before everything else; what lies after the treatments is an expiry."""
    dated = {index: columns[index].years for index in left if columns[index].share(Look.DATE) >= _MOST}
    others = [columns[known[field]].years for field in ("given_on", "lot_expires_on") if field in known]
    recent = max((years[-1] for years in [*dated.values(), *others] if years), default=0)
    births = [index for index, years in dated.items() if recent - median(years) >= 12]
    if len(births) == 1:
        yield FieldByCells(births[0], "birth_date", "dates that lie years before the others")
    rest = sorted((index for index in dated if index not in births), key=lambda index: dated[index][0])
    if "given_on" in known and columns[known["given_on"]].years:
        start = median(columns[known["given_on"]].years)
        later = [index for index in rest if median(dated[index]) > start]
        if len(later) == 1:
            yield FieldByCells(later[0], "lot_expires_on", "dates after the treatments")
    elif len(rest) == 1:
        yield FieldByCells(rest[0], "given_on", "the only dates that are not dates of birth")


def _people(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    named = [
        index
        for index in left
        if columns[index].share(Look.PERSON) >= _MOST
        and columns[index].share(Look.PRODUCT, Look.DIAGNOSIS, Look.MUSCLE, Look.SIDE) <= _HARDLY_ANY
        and sum(" " in cell.strip() for cell in columns[index].cells) >= _MOST * len(columns[index].cells)
        and columns[index].distinct > 0.3
    ]
    if len(named) == 1:
        yield FieldByCells(named[0], "patient_name", "names of many people")


def _doses(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    """Numbers in fives between 5 and 25,000; two such columns that make full vials are given and wasted."""
    doses = [index for index in left if _like_doses(columns[index].numbers, columns[index])]
    if len(doses) == 1 and "units" in wanted:
        yield FieldByCells(doses[0], "units", "numbers like doses, most of them in fives")
    elif len(doses) == 2 and "units" in wanted:
        one, other = columns[doses[0]].numbers, columns[doses[1]].numbers
        sums = [a + b for a, b in zip(one, other, strict=False)]
        if sums and sum(total in _FULL_VIALS for total in sums) >= _MOST * len(sums):
            given, wasted = doses if sum(one) >= sum(other) else reversed(doses)
            yield FieldByCells(given, "units", "with another column these make full vials")
            yield FieldByCells(wasted, "units_wasted", "with the dose these make full vials")


def _like_doses(numbers: list[float], profile: Profile) -> bool:
    if profile.share(Look.NUMBER) < 0.95 or profile.share(Look.DATE) > _HARDLY_ANY or len(numbers) < ENOUGH:
        return False
    fives = sum(value % 5 == 0 for value in numbers) / len(numbers)
    plausible = sum(0 <= value <= 25_000 for value in numbers) / len(numbers)
    return fives >= 0.6 and plausible >= 0.95 and max(numbers) >= 20 and profile.distinct < 0.9


def _numbers_of_people(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    likely = [
        index
        for index in left
        if columns[index].share(Look.IDENTIFIER) >= 0.95
        and columns[index].share(Look.DATE, Look.CODE, Look.PHONE) <= _HARDLY_ANY
        and columns[index].distinct > 0.2
        and not _like_doses(columns[index].numbers, columns[index])
        and all(sum(map(str.isdigit, cell)) >= 3 for cell in columns[index].cells)
    ]
    digits = [index for index in likely if any(cell.isdigit() for cell in columns[index].cells)]
    # People's numbers stand by their names, lots by their products.
    names = [
        known[field] for field in ("patient_name", "family_name", "birth_date") if known.get(field, -1) >= 0
    ]
    nearest = sorted(digits or likely, key=lambda index: min((abs(index - at) for at in names), default=0))
    likely = nearest[:1] if names else digits or likely
    if len(likely) == 1:
        yield FieldByCells(likely[0], "mrn", "numbers like those of patients")


def _lots(
    columns: Sequence[Profile], left: list[int], wanted: Collection[str], known: dict[str, int]
) -> Iterator[FieldByCells]:
    lots = [
        index
        for index in left
        if columns[index].share(Look.LOT) >= _MOST
        and columns[index].share(Look.NUMBER, Look.DATE, Look.CODE) <= _HARDLY_ANY
    ]
    if len(lots) == 1:
        yield FieldByCells(lots[0], "lot", _so_many(columns[lots[0]], Look.LOT))


def _so_many(profile: Profile, look: Look) -> str:
    return f"{round(profile.share(look) * 100)}% look like {look.value}"
