"""Why a whole file cannot be read. Faults of single rows are values (`RowProblem`), never exceptions."""


class ImportFileError(Exception):
    """The file as a whole cannot be read. Nothing was imported, which the message says, and what to do."""

    says_what_is_safe = True

    @property
    def said(self) -> str:
        """The message, with what is safe."""
        return str(self) if self.says_what_is_safe else f"{self} Nothing was imported."


class UnreadableFile(ImportFileError):
    """Not a table this program can open: wrong kind, damaged, protected, too large."""


class UnrecognisedColumns(ImportFileError):
    """The table opened, but its columns are missing, ambiguous or unknown."""


class MappingError(ImportFileError):
    """The mapping file itself is wrong: an unknown key, header or value. The message says that alone."""

    says_what_is_safe = False
