"""What a file is, by its first bytes, where it is no table: an image, an archive, a letter. Names prove nothing."""

import io
import re
import zipfile

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_AS_TABLE = "export the table as .xlsx or .csv"
_IMAGE = ("an image, whatever its name says", "an image holds no rows to read: " + _AS_TABLE)
_ARCHIVE = ("an archive, whatever its name says", "unpack it and import the .xlsx or .csv inside")
_PDF = ("a PDF", _AS_TABLE)

# (first bytes, what it is and what to do); the first that fits.
_STARTS = (
    (b"%PDF", _PDF),
    (b"\x89PNG\r\n\x1a\n", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),  # JPEG
    (b"GIF87a", _IMAGE),
    (b"GIF89a", _IMAGE),
    (b"II*\x00", _IMAGE),  # TIFF, either byte order
    (b"MM\x00*", _IMAGE),
    (b"\x1f\x8b", _ARCHIVE),  # gzip
    (b"BZh", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),  # zstd
    (b"PK\x05\x06", _ARCHIVE),  # a zip of nothing
    (b"{\\rtf", ("a text document (.rtf), whatever its name says", _AS_TABLE)),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_ZIP_PARTS = (
    (
        "word/",
        ("a Word document, whatever its name says", "copy its table into a sheet and save that as .csv"),
    ),
    ("ppt/", ("a presentation, whatever its name says", _AS_TABLE)),
    ("xl/workbook.bin", ("a binary workbook (.xlsb)", "open it and save it as .xlsx or .csv")),
    ("mimetype", ("an OpenDocument or e-book file", "open it and save it as .xlsx or .csv")),
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<svg")


def other_kind(content: bytes) -> tuple[str, str] | None:
    """(what it is, what to do) of a file that is no table; None where it may be one."""
    for start, said in _STARTS:
        if content.startswith(start):
            return said
    if _is_image(content):
        return _IMAGE
    if content[257:262] == b"ustar":
        return _ARCHIVE
    if content.startswith(OLE_MAGIC):
        return _old_office(content)
    if content.startswith(ZIP_MAGIC):
        return _zipped(content)
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return (
            "a web page or XML, whatever its name says",
            "open it in a spreadsheet program and save it as .xlsx or .csv",
        )
    return None


def _is_image(content: bytes) -> bool:
    """Kinds that two letters or a later place tell: bitmaps, WebP, HEIC."""
    if content.startswith(b"BM"):
        # A header may begin with BM too; a bitmap says its own length and keeps four bytes zero.
        return int.from_bytes(content[2:6], "little") == len(content) or content[6:10] == bytes(4)
    if content.startswith(b"RIFF"):
        return content[8:12] == b"WEBP"
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def _old_office(content: bytes) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "protected by a password", "open it, save a copy without the password, and import the copy"
    if "WordDocument".encode("utf-16-le") in content:
        return "an old Word document (.doc)", "copy its table into a sheet and save that as .csv"
    return "an old Excel file (.xls)", "open it and save it as .xlsx or .csv"


def _zipped(content: bytes) -> tuple[str, str] | None:
    """None for what may be a workbook; whether it is a sound one its reader says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return None
    if "xl/workbook.xml" in names:
        return None
    for start, said in _ZIP_PARTS:
        if any(name.startswith(start) for name in names):
            return said
    office = re.compile(r"\[Content_Types\]\.xml|_rels/")
    return None if any(office.match(name) for name in names) else _ARCHIVE
