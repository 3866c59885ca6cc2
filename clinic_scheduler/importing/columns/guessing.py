"""Which column of a table holds which field, and how sure that is: by mapping, header and cells, in that order.

Nothing is refused here; whether a guess is enough to read a file is decided in `columns`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from clinic_scheduler.importing.columns.content import Look, Profile, profiles
from clinic_scheduler.importing.columns.fitting import UNMISTAKABLE, Fit, fit, told_by_cells
from clinic_scheduler.importing.columns.guess_board import Board
from clinic_scheduler.importing.columns.guesses import (
    SITE_UNITS,
    Because,
    ColumnGuess,
    Guess,
    Sureness,
    missing_fields,
)
from clinic_scheduler.importing.columns.header_meanings import (
    FOREIGN,
    OTHER_SENSE,
    WHOLE_OR_FAMILY,
    WHOLE_OR_GIVEN,
    Meaning,
    language_of,
    meanings,
    speaks_of_something_else,
)
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import REQUIRED_FIELDS, header_key
from clinic_scheduler.importing.columns.joined import part
from clinic_scheduler.importing.columns.site_columns import place_sites
from clinic_scheduler.importing.files.tables import Table

_TOLD_BY_CELLS = frozenset(
    ("mrn", "patient_name", "birth_date", "diagnosis", "icd10", "product", "given_on", "units", "units_wasted",
     "lot", "lot_expires_on", "phone", "email", "provider_name", "muscle", "side")
)  # fmt: skip
# What a column with one name may hold besides, where nothing else holds it.
_HIDDEN = (
    ("diagnosis", "icd10"),
    ("product", "lot"),
    ("patient_name", "mrn"),
    ("patient_name", "birth_date"),
)
_MANY = 0.6


@dataclass(frozen=True)
class _Claim:
    """One meaning of one column, with how well its cells fit."""

    position: int
    meaning: Meaning
    fit: Fit

    @property
    def weight(self) -> tuple[int, int, int]:
        """Smaller comes first. Cells that tell a field outweigh how exact a vague header is."""
        rank = self.meaning.rank - (5 if self.fit is Fit.TELLS and self.meaning.rank >= OTHER_SENSE else 0)
        return (rank + (100 if self.fit is Fit.AGAINST else 0), -self.fit, self.position)


def guess_columns(
    table: Table,
    wanted: Mapping[int, tuple[str, ...]] | None = None,
    left_out: frozenset[str] = frozenset(),
) -> Guess:
    """`wanted`: position -> fields a person has chosen, which stand; `left_out`: fields that get no column."""
    board = Board(table, profiles(table))
    for position, fields in (wanted or {}).items():
        board.place(position, fields, Sureness.SURE, Because.MAPPING, "chosen")
    board.taken |= dict.fromkeys(left_out, -1)
    language = language_of(table.header)
    claims = _claims(board, language)
    _place_claims(board, claims)
    place_sites(board)
    _whole_names(board)
    _place_hidden(board)
    _place_told(board)
    _place_doubtful(board, claims)
    _place_the_last(board)
    return Guess(tuple(_all_columns(board)), language, board.rivals)


def _claims(board: Board, language: Language) -> list[_Claim]:
    """What the headers of the free columns say, the most telling first."""
    found = []
    for position in board.free:
        for meaning in meanings(board.table.header[position], language):
            found.append(_Claim(position, meaning, _fit(meaning, board.cells[position])))
    return sorted(found, key=lambda claim: claim.weight)


def _fit(meaning: Meaning, profile: Profile) -> Fit:
    if len(meaning.fields) == 1:
        return fit(meaning.fields[0], profile)
    one, other = meaning.fields
    both = [cell for cell in profile.cells if part(one, other, cell) and part(other, one, cell)]
    if not profile.cells:
        return Fit.SILENT
    return Fit.TELLS if len(both) >= 0.3 * len(profile.cells) else Fit.AGAINST


def _place_claims(board: Board, claims: list[_Claim]) -> None:
    names = {claim.meaning.fields[0] for claim in claims if claim.meaning.rank < OTHER_SENSE}
    split = {"family_name", "given_name"} <= names | board.taken.keys()
    for claim in claims:
        fields = claim.meaning.fields
        if claim.position in board.guesses or any(name in board.taken for name in fields):
            continue
        if claim.fit is Fit.AGAINST or (split and fields == ("patient_name",)):
            continue
        sureness = _sureness(claim)
        if sureness is Sureness.UNKNOWN:
            continue
        rivals = _rivals(board, claim, claims)
        if rivals and fields[0] in (*REQUIRED_FIELDS, "patient_name"):
            board.rivals[fields[0]] = (claim.position, *rivals)
            sureness = Sureness.LIKELY
        because = Because.BOTH if claim.fit >= Fit.FITS else Because.HEADER
        board.place(claim.position, fields, sureness, because, _why(claim, sureness))


def _sureness(claim: _Claim) -> Sureness:
    """A header that says exactly this is sure unless its cells say otherwise; a vague one needs the cells."""
    rank, fits = claim.meaning.rank, claim.fit
    if len(claim.meaning.fields) > 1 or rank < FOREIGN:
        return Sureness.SURE
    if rank < OTHER_SENSE:
        return Sureness.SURE if fits >= Fit.FITS else Sureness.LIKELY
    if fits is Fit.TELLS and claim.meaning.fields[0] in (*UNMISTAKABLE, "diagnosis", "muscle"):
        return Sureness.SURE
    return Sureness.LIKELY if fits >= Fit.FITS else Sureness.UNKNOWN


def _rivals(board: Board, claim: _Claim, claims: list[_Claim]) -> tuple[int, ...]:
    """Other columns that say the same as exactly, have cells, and do not say the same in every row."""
    return tuple(
        other.position
        for other in claims
        if other.position != claim.position
        and other.position not in board.guesses
        and other.meaning.fields == claim.meaning.fields
        and other.meaning.rank == claim.meaning.rank
        and other.fit is not Fit.AGAINST
        and board.cells[other.position].cells
        and board.cells[other.position].cells != board.cells[claim.position].cells
    )


def _why(claim: _Claim, sureness: Sureness) -> str:
    if sureness is Sureness.SURE:
        return ""
    if claim.meaning.rank < OTHER_SENSE:
        return (
            "another column may be it as well"
            if claim.fit >= Fit.FITS
            else "the header says so, the cells do not"
        )
    return "the header may mean it, and the cells fit"


def _whole_names(board: Board) -> None:
    """A "Nom" without a "Prénom" is the whole name; a "Name" beside a "Vorname" the family's."""
    whole = "patient_name" in board.taken
    if "given_name" not in board.taken and not whole:
        _say_instead(board, "family_name", "patient_name", WHOLE_OR_FAMILY)
    if "family_name" not in board.taken and not whole:
        _say_instead(board, "given_name", "patient_name", WHOLE_OR_GIVEN)
    if "given_name" in board.taken and "family_name" not in board.taken:
        _say_instead(board, "patient_name", "family_name", WHOLE_OR_FAMILY)


def _say_instead(board: Board, said: str, meant: str, headers: frozenset[str]) -> None:
    """Where a field's column has one of these headers it is another field; a person's choice stands."""
    position = board.taken.get(said, -1)
    guess = board.guesses.get(position)
    if guess is None or guess.because is Because.MAPPING or guess.fields != (said,):
        return
    if header_key(guess.header) in headers:
        board.guesses[position] = replace(guess, fields=(meant,))
        del board.taken[said]
        board.taken[meant] = position


def _place_hidden(board: Board) -> None:
    """A code within the diagnoses, a lot behind the products, a number behind the names, where no column has it."""
    for visible, hidden in _HIDDEN:
        position = board.taken.get(visible, -1)
        guess = board.guesses.get(position)
        if guess is None or guess.fields != (visible,) or hidden in board.taken:
            continue
        cells = board.cells[position].cells
        both = [cell for cell in cells if part(hidden, visible, cell) and part(visible, hidden, cell)]
        if cells and len(both) >= _MANY * len(cells) and guess.because is not Because.MAPPING:
            sureness = Sureness.SURE if hidden == "icd10" else Sureness.LIKELY
            if hidden in ("icd10", "lot"):
                sureness = guess.sureness
            board.place(position, (visible, hidden), sureness, Because.BOTH, "most cells hold both")


def _place_told(board: Board) -> None:
    known = {name: position for name, position in board.taken.items() if position >= 0}
    wanted = _TOLD_BY_CELLS - board.taken.keys()
    if board.guesses and any(SITE_UNITS in guess.fields for guess in board.guesses.values()):
        wanted -= {"units", "units_wasted"}
    if {"family_name", "given_name"} & board.taken.keys():
        wanted -= {"patient_name"}
    about_this = [index for index in board.free if not speaks_of_something_else(board.table.header[index])]
    for told in told_by_cells(board.cells, about_this, wanted, known):
        if told.field in board.taken:
            continue
        alone = told.field in UNMISTAKABLE and len(board.cells[told.position].cells) >= 3
        sureness = Sureness.SURE if alone else Sureness.LIKELY
        board.place(told.position, (told.field,), sureness, Because.CONTENT, told.why)


def _place_doubtful(board: Board, claims: list[_Claim]) -> None:
    """What a header names exactly and its cells deny, where nothing else took column or field.

    A required column is read all the same: each of its cells then becomes a problem that names its line.
    """
    for claim in claims:
        name = claim.meaning.fields[0]
        if claim.fit is Fit.AGAINST and claim.meaning.rank < FOREIGN and len(claim.meaning.fields) == 1:
            if claim.position in board.guesses or name in board.taken:
                continue
            certain = name in REQUIRED_FIELDS and claim.meaning.rank == 0
            sureness = Sureness.SURE if certain else Sureness.LIKELY
            board.place(claim.position, (name,), sureness, Because.HEADER, "the cells do not look like it")


def _place_the_last(board: Board) -> None:
    """Something that must be known and that one column alone can be: likely, whatever its header says."""
    sites = any(SITE_UNITS in guess.fields for guess in board.guesses.values())
    for name in missing_fields([name for name, at in board.taken.items() if at >= 0], sites):
        possible = [index for index in board.free if name in _could_be(board, index, (name,))]
        if len(possible) == 1 and name not in board.taken:
            board.place(possible[0], (name,), Sureness.LIKELY, Because.CONTENT, "no other column can be it")


def _all_columns(board: Board) -> list[ColumnGuess]:
    sure = {
        name for guess in board.guesses.values() if guess.sureness is Sureness.SURE for name in guess.fields
    }
    missing = missing_fields(sure, SITE_UNITS in sure)
    return [
        board.guesses.get(index)
        or ColumnGuess(index, header, board.cells[index].samples, could_be=_could_be(board, index, missing))
        for index, header in enumerate(board.table.header)
    ]


def _could_be(board: Board, index: int, missing: tuple[str, ...]) -> tuple[str, ...]:
    """The missing fields that a column's cells fit, unless it is about something else."""
    profile = board.cells[index]
    if not profile.cells or profile.share(Look.EMAIL) > _MANY:
        return ()
    if speaks_of_something_else(board.table.header[index]):
        return ()
    return tuple(name for name in missing if fit(name, profile) >= Fit.FITS)
