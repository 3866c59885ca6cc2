"""Headers and bodies as lines for the wire, without the library's tree of parts; what may be written is mime.py's.

The library still reads and folds every header that is not plain, as it knows the rules; plain ones need none of it.
"""

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import MIMEPart
from email.policy import EmailPolicy
from functools import lru_cache
from secrets import token_hex
from typing import TypeGuard

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ContentType = tuple[str, str, tuple[tuple[str, str], ...]]
"""(maintype, subtype, parameters)."""
LONGEST_LINE = 998  # RFC 5322 2.1.1
# Longer lines may be broken on the way, so they travel encoded.
_LONGEST_PLAIN_LINE = 78
_BASE64_LINE = 57
# An address that needs no quoting and no second look, and text that no reader takes for encoded words.
_PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/_-]+(\.[A-Za-z0-9!#$%&'*+/_-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)
_PLAIN_TEXT = re.compile(r"[!-~]([ -~]*[!-~])?")
_OF_ADDRESSES = ("From", "To", "Reply-To")


class _WholeLines(EmailPolicy):
    """Leaves ASCII header lines whole: folding would turn long links into encoded words no client reads."""

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}"
        if line.isascii() and len(line) <= LONGEST_LINE:
            return f"{line}\r\n".encode("ascii")
        return super().fold_binary(name, value)


# Bodies travel in 7 bits, so no server needs to offer 8BITMIME.
_POLICY = _WholeLines(linesep="\r\n", cte_type="7bit", raise_on_defect=False)
_UTF8 = _POLICY.clone(utf8=True)


def is_plain(value: object, name: str) -> TypeGuard[str]:
    """Whether this header's line can be written as it stands."""
    if not isinstance(value, str) or len(name) + len(value) + 2 > LONGEST_LINE:
        return False
    if name in _OF_ADDRESSES:
        return _PLAIN_ADDRESS.fullmatch(value) is not None
    return _PLAIN_TEXT.fullmatch(value) is not None and "=?" not in value


def read(name: str, value: object) -> str:
    """A header's value as the library reads it: an encoded word can bring a line break of its own."""
    if isinstance(value, Address):
        return _read_address(name, value.display_name, value.username, value.domain)
    parsed: str = _POLICY.header_store_parse(name, value)[1]
    return parsed


@lru_cache(maxsize=256)
def _read_address(name: str, display_name: str, username: str, domain: str) -> str:
    parsed: str = _POLICY.header_store_parse(name, Address(display_name, username, domain))[1]
    return parsed


def line_of(name: str, value: str, utf8: bool) -> bytes:
    """A header's line; what is not plain has been `read` before."""
    if type(value) is str:
        return f"{name}: {value}\r\n".encode("ascii")
    return (_UTF8 if utf8 else _POLICY).fold_binary(name, value)


def text_part(subtype: str, text: str) -> bytes:
    """Content headers and text: as it is where its lines are short and ASCII, else encoded the shorter way."""
    body = b"".join(line + b"\r\n" for line in text.encode().splitlines()) or b"\r\n"
    if body.isascii() and max(map(len, body.split(b"\r\n"))) <= _LONGEST_PLAIN_LINE:
        encoding = b"7bit"
    else:
        quoted, packed = b2a_qp(body), _packed(body)
        encoding, body = (b"quoted-printable", quoted) if len(quoted) <= len(packed) else (b"base64", packed)
    head = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n\r\n'
    return head % (subtype.encode(), encoding) + body


def file_part(content: bytes, content_type: ContentType, filename: str | None) -> bytes:
    """A file, or with no name a part to be shown; always as base64."""
    return _head_of_file(content_type, filename) + b"\r\n" + _packed(content)


def parts(subtype: str, children: Sequence[bytes]) -> bytes:
    """One part made of several. Nobody can guess the boundary, so no body holds it."""
    boundary = f"=_{token_hex(16)}".encode()
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    return (
        head
        + b"".join(b"--%s\r\n%s\r\n" % (boundary, child) for child in children)
        + b"--%s--\r\n" % boundary
    )


def _packed(content: bytes) -> bytes:
    lines = (content[at : at + _BASE64_LINE] for at in range(0, len(content), _BASE64_LINE))
    return b"".join(b2a_base64(line, newline=False) + b"\r\n" for line in lines)


@lru_cache(maxsize=256)
def _head_of_file(content_type: ContentType, filename: str | None) -> bytes:
    """The library quotes parameters and names; they are few, and the same in every message."""
    maintype, subtype, params = content_type
    part = MIMEPart(_POLICY)
    part.set_content(
        b"", maintype=maintype, subtype=subtype, cte="base64", params=dict(params), filename=filename,
        disposition="attachment" if filename else None,
    )  # fmt: skip
    if any(CONTROL.search(value) for value in part.values()):
        raise ValueError("an encoded word in a file's headers brings a line break or a control character")
    return b"".join(_POLICY.fold_binary(name, value) for name, value in part.items())
