"""How much of a log is read at all. One place, so that page, documentation, request and reader say the same.

An honest log stays far below: 100,000 treatments are some 20 MB of text and take the reader 10 seconds of
computing. What a file declares or repeats is counted before it is worked on, so that nearly everything made
to never end is refused by a count. What escapes the counts meets the process's own limits, in `limited`.
"""

MEBIBYTE = 1024 * 1024

MAX_FILE_BYTES = 25 * MEBIBYTE
MAX_MAPPING_BYTES = MEBIBYTE
# A form is its files and some lines about them.
MAX_UPLOAD_BYTES = MAX_FILE_BYTES + MAX_MAPPING_BYTES + MEBIBYTE
MAX_SIZE_SAID = f"{MAX_FILE_BYTES // MEBIBYTE} MB"

MAX_ROWS = 150_000
MAX_FILLED_ROWS = MAX_ROWS + 20  # titles, addresses and the header stand above them
MAX_CELLS = MAX_ROWS * 40  # of a sheet; a log has about sixteen in a row
MAX_LINES = 1_048_576  # the rows of a sheet; a text's lines are blank ones and line ends in notes too
MAX_COLUMNS = 256

# A report is for a person: the first problems are listed, the rest are counted.
MAX_PROBLEMS = 1_000
MAX_WORDS = 300  # characters of a header, a value or a reason in a report

MAX_UNPACKED_BYTES = 300 * MEBIBYTE
MAX_UNPACKED_PARTS = 2_000
MAX_PACKING_RATIO = 300  # Honest sheets pack about 10 to 30 times; a bomb packs about 1,000 times.
MAX_DEPTH = 100  # elements inside one another; a sheet has about ten
