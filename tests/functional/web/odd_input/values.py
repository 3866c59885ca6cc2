"""Values that nobody means well with, as the bytes that travel; no requests here."""

import random
from collections.abc import Sequence

NUMBERS = (
    *("0", "-1", "1", "2", "3", "+1", " 1 ", "01", "1_000", "0x1", "1e3", "1.5", "1,5", "-0", "٣", "²", "½"),
    *(str(2**31 - 1), str(2**31), str(2**32), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(10**20)),
    *("9" * 400, "9" * 5000, f"0.{'3' * 400}", "155.555", "1e400", "1e-400", "1E+999999999", "20001"),
    *("NaN", "nan", "sNaN", "-sNaN", "sNaN123", "Infinity", "-Infinity", "inf"),
)
DAYS = (
    *(
        "9999-12-31",
        "0001-01-01",
        "10000-01-01",
        "99999999999-01-01",
        "2026-02-30",
        "2026-00-10",
        "-2026-01-01",
    ),
    *(
        "1879-12-31",
        "2199-12-31",
        "2200-01-01",
        "2026-W01-1",
        "20261124",
        "12/31/9999",
        "31-Dec-9999",
        "today",
    ),
    *("2026-11-24", "2026-11-23T00:00:00", "23:59:59.999999", "24:00", "10:15", "10:15+01:00", "02:30"),
    *("1_9999-12-31_23:59", "1_2026-11-24_10:15", "day_9999-12-31_1", f"week_2026-11-24_{'9' * 400}"),
    *("P99999999999D", "P1Y2M", "9999 years", "9999 weeks", "-P1D", "P0D", "PT1S", "P1M7D", "12 weeks"),
    *("9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00-23:59", "2026-11-23T17:00:00"),
    f"{'9' * 400}-01-01",
)
TEXTS = (
    *("\0", "a\0b", "Harbor\r\nBcc: x@example.org", "a@b.example\r\nBcc: x@example.org", "a@b,c@d"),
    *(
        "a@example.org,c@example.org",
        "a@example.org;c@example.org",
        "<a@example.org>",
        "mailto:a@example.org",
    ),
    *("\n", "\r", "line\u2028line", "line\u0085line", "tab\tstop", "\x1b[2J", "\x7f", "\u202eevil", "\u200b"),
    *("\ud800", "a\udfffb", "\ufeff", "\ufffe", "e" + "\u0301" * 500, "😀" * 50, "ﬁ", "İ", "ß"),
    *(
        "",
        " ",
        "\u00a0",
        "x" * 121,
        "x" * 70_000,
        "{{ 7 * 7 }}",
        "{% raw %}",
        "{name}",
        "{",
        "%s%n",
        "$1",
        "\\",
    ),
    *("'; DROP TABLE patients; --", "%", "_", "<script>alert(1)</script>", '"><b>', "../../etc/passwd"),
    *(
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "https://[::1",
        "http://a:b@c:99999/",
        "webcal://x",
    ),
    *("null", "true", "[]", "{}", '{"a": NaN}', '"\\ud800"', '{"columns": {"mrn": "\\u0000"}}', "[" * 5000),
    *(
        '{"kind": "visits", "columns": {"mrn": 9e999}}',
        "=1+1",
        "@SUM(A1)",
        "yes",
        "on",
        "off",
        "all",
        "send",
        "drop",
    ),
)
RAW = (
    *(
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x28",
        b"%",
        b"%zz",
        b"+",
        b"&",
        b"=",
        b";",
    ),
)
FILES = (
    *(
        b"",
        b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 60,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7",
        b"{" * 3000,
    ),
    b"MRN,Last Name,First Name,DOB,Diagnosis,Product,DOS,Units,Lot\r\nA-1\0,O\x85k,B,1980-05-04,Chronic migraine,"
    b"Botox,12/31/9999,sNaN,C1\r\n"
    + b"9" * 400
    + b",X,Y,0001-01-01,Chronic migraine,Botox,6/19/2026,1e400,\r\n",
    b"MRN,DOS,Units\n\xed\xa0\x80,6/19/2026,155\n\xff,6/19/2026,Infinity\n",
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:99991231T235959Z\r\n"
    b"DURATION:P99999999999D\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:\0\r\nDTSTART;TZID=Nowhere:20261124T100000\r\nEND:VEVENT\r\n",
    b'{"columns": {"mrn": "\\ud800"}, "n": NaN}',
)
HEADERS = {
    "If-None-Match": ('"', "*", '"x", W/"y"', "\xff", "x" * 5000),
    "If-Modified-Since": (
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0000 00:00:00 GMT",
        "yesterday",
        "9" * 400,
    ),
    "Range": ("bytes=0-", f"bytes={'9' * 400}-", "bytes=-1", "lines=1-2", "bytes=5-1"),
    "Accept-Language": ("es;q=sNaN", "*;q=9" + "9" * 400, "\xff", "en-" * 2000, ",;q="),
    "Accept-Encoding": ("gzip;q=nan", "br;q=1e400", "\xff", "*"),
    "X-Forwarded-For": ("\0", "999.999.999.999", "::1", ","),
    "Content-Length": ("-1", "9" * 400, "x", "٣"),
    "Referer": ("\xff", "http://[", "javascript:"),
    "X-Twilio-Signature": ("\xff", ""),
}


def odd_bytes(chance: random.Random) -> bytes:
    """One value, of whatever kind: what a field is meant for is not asked."""
    kind: Sequence[str | bytes] = chance.choice((NUMBERS, DAYS, TEXTS, RAW))
    value = chance.choice(kind)
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
