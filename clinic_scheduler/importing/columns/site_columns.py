"""Several columns that hold one dose: the units of each muscle or site. Other columns are placed in `guessing`."""

from clinic_scheduler.importing.columns.fitting import Fit, fit
from clinic_scheduler.importing.columns.guess_board import Board
from clinic_scheduler.importing.columns.guesses import SITE_UNITS, Because, Sureness
from clinic_scheduler.importing.columns.header_meanings import (
    names_units_of_a_place,
    speaks_of_something_else,
)


def place_sites(board: Board) -> None:
    """Columns headed by muscles, with numbers in them: the units of one site each.

    A dose is their sum, so a column of numbers among them whose header nobody knows makes all of them doubtful.
    """
    chosen = any(SITE_UNITS in guess.fields for guess in board.guesses.values())
    if chosen or SITE_UNITS in board.taken:
        return
    numeric = [index for index in board.free if fit(SITE_UNITS, board.cells[index]) is not Fit.AGAINST]
    sites = [index for index in numeric if names_units_of_a_place(board.table.header[index])]
    filled = [index for index in sites if board.cells[index].cells]
    if not filled or (len(filled) < 2 and "units" in board.taken):
        return
    unknown = [
        index
        for index in numeric
        if sites[0] - 1 <= index <= sites[-1] + 1
        and index not in sites
        and fit(SITE_UNITS, board.cells[index]) >= Fit.FITS
        and not speaks_of_something_else(board.table.header[index])
    ]
    sureness, why = Sureness.SURE, "units by site"
    if len(filled) == 1:
        sureness, why = Sureness.LIKELY, "units of one site; are there no others?"
    if unknown and "units" not in board.taken:
        headers = ", ".join(board.table.header[index] for index in unknown)
        sureness, why = Sureness.LIKELY, f"units by site; is {headers} a site as well?"
    for position in sorted([*sites, *(unknown if sureness is Sureness.LIKELY else [])]):
        board.place(position, (SITE_UNITS,), sureness, Because.BOTH, why)
