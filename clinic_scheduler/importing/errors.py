"""Why a whole file cannot be read. Faults of single rows are values (`RowProblem`), never exceptions."""


class ImportFileError(Exception):
    """The file as a whole cannot be read. Nothing was imported; the message says what to do."""

    @property
    def said(self) -> str:
        """The message with what is safe, where it does not say so itself."""
        text = str(self)
        return text if "othing was imported" in text else f"{text} Nothing was imported."


class UnreadableFile(ImportFileError):
    """Not a table this program can open: wrong kind, damaged, protected, too large."""


class UnrecognisedColumns(ImportFileError):
    """The table opened, but its columns are missing, ambiguous or unknown."""


class MappingError(ImportFileError):
    """The mapping file itself is wrong: an unknown key, header or value."""
