"""One odd request: a page's own link or form with some of it put wrong, sent as the bytes it is."""

import hashlib
import hmac
import random
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.functional.web.conftest import Visitor
from tests.functional.web.odd_input.pages import Offer, Offers
from tests.functional.web.odd_input.values import FILES, HEADERS, NUMBERS, odd_bytes
from tests.functional.web.odd_input.world import NOW_STAMP, SECRET

Route = tuple[Rule, str]
Pairs = list[tuple[bytes, bytes]]
PLACE = re.compile(r"<(?:[^<>]*:)?([^<>:]+)>")
OTHER_METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "post")
BOUNDARY = b"odd-input"
WORDS = ("too_early", "all", "visit_reminder", "email", "en", "chronic_migraine", "contact", "moved")
# How often, in a hundred.
OF_A_PAGE, UNTOUCHED, IN_THE_PATH, IN_THE_QUERY, A_HEADER, ANOTHER_METHOD = 85, 12, 15, 30, 8, 3
MULTIPART, BROKEN, AS_JSON = 15, 4, 3


@dataclass(frozen=True)
class Asked:
    """One request, as it is sent; the token of the browser's session comes with it."""

    role: str
    method: str
    endpoint: str
    path: bytes
    query: bytes = b""
    body: bytes = b""
    kind: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        sent = f"{self.query[:300]!r} {str(self.headers)[:300]} {self.kind} {self.body[:800]!r}"
        return f"{self.role}: {self.method} {self.path!r} {sent}"


def sent(browser: Visitor, asked: Asked) -> TestResponse:
    body = asked.body.replace(b"THE-TOKEN", browser.token.encode())
    environ = {
        "PATH_INFO": asked.path.decode("latin-1"),
        "QUERY_STRING": asked.query.decode("latin-1"),
        "REQUEST_URI": asked.path.decode("latin-1"),
    }
    return browser.client.open(
        "/",
        method=asked.method,
        data=body or None,
        content_type=asked.kind or None,
        headers=list(asked.headers),
        environ_overrides=environ,
        buffered=True,
    )


def opened_by_token(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Pages that nobody signs in for."""
    opt_out, visit, patient, provider = tokens
    return (f"/u/{opt_out}", f"/v/{visit}", f"/c/{patient}", f"/c/{provider}", f"/calendar/{patient}.ics")


def odd_request(
    route: Route, role: str, offers: Offers, tokens: tuple[str, ...], chance: random.Random
) -> Asked:
    rule, method = route
    known = offers.by_route.get((rule.endpoint, method))
    offer = (
        chance.choice(known)
        if known and _happens(chance, OF_A_PAGE)
        else _made_up(rule, offers, tokens, chance)
    )
    query = _pairs(offer.query)
    fields = [*_pairs(_one_choice_each(offer.fields, chance)), (b"csrf_token", b"THE-TOKEN")]
    path = unquote_to_bytes(offer.path)
    if not _happens(chance, UNTOUCHED):
        if rule.arguments and _happens(chance, IN_THE_PATH):
            path = _odd_path(rule, chance)
        if method == "GET" or _happens(chance, IN_THE_QUERY):
            _put_wrong(query, offers, chance)
        if method != "GET":
            _put_wrong(fields, offers, chance)
    headers = _odd_header(chance) if _happens(chance, A_HEADER) else ()
    if method == "GET":
        body, kind = b"", ""
    elif rule.endpoint.startswith("hooks."):
        body, kind, headers = _signed(rule, path, query, chance)
    else:
        body, kind = _body(fields, offer.files, chance)
    if _happens(chance, ANOTHER_METHOD):
        method = chance.choice(OTHER_METHODS)
    return Asked(role, method, rule.endpoint, path, _encoded(query), body, kind, headers)


def _happens(chance: random.Random, in_a_hundred: int) -> bool:
    return chance.randrange(100) < in_a_hundred


def _made_up(rule: Rule, offers: Offers, tokens: tuple[str, ...], chance: random.Random) -> Offer:
    """As though a page had led there: small numbers, a token, a word."""
    names = chance.sample(sorted(offers.names), 5)
    path = PLACE.sub(
        lambda place: chance.choice(("1", "2", "3") if "int:" in place[0] else (*WORDS, *tokens)), rule.rule
    )
    return Offer(path, [], [(name, chance.choice(("1", "2026-11-24", "yes", ""))) for name in names])


def _odd_path(rule: Rule, chance: random.Random) -> bytes:
    wrong = chance.choice(NUMBERS).encode() if _happens(chance, 50) else odd_bytes(chance)
    return PLACE.sub(lambda _: wrong.decode("latin-1"), rule.rule).encode("latin-1")


def _one_choice_each(fields: list[tuple[str, str]], chance: random.Random) -> list[tuple[str, str]]:
    """Of a list's options, one."""
    by_name: dict[str, list[str]] = {}
    for name, value in fields:
        by_name.setdefault(name, []).append(value)
    return [(name, chance.choice(values)) for name, values in by_name.items()]


def _pairs(fields: list[tuple[str, str]]) -> Pairs:
    return [(name.encode(), value.encode()) for name, value in fields]


def _put_wrong(pairs: Pairs, offers: Offers, chance: random.Random) -> None:
    """One to three of them get another value, come twice, are missing or are added."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(pairs)) if pairs else None
        deed = chance.choice(("value", "value", "value", "value", "twice", "gone", "more"))
        if at is None or deed == "more":
            pairs.append((chance.choice(sorted(offers.names)).encode(), odd_bytes(chance)))
        elif deed == "value" and pairs[at][0] != b"csrf_token":
            pairs[at] = (pairs[at][0], odd_bytes(chance))
        elif deed == "twice":
            pairs.insert(0, (pairs[at][0], odd_bytes(chance)))
        elif pairs[at][0] != b"csrf_token":
            del pairs[at]


def _encoded(pairs: Pairs) -> bytes:
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in pairs).encode()


def _body(fields: Pairs, files: tuple[str, ...], chance: random.Random) -> tuple[bytes, str]:
    if _happens(chance, BROKEN):
        kind = chance.choice(
            ("multipart/form-data", "multipart/form-data; boundary=", "text/plain", "application/x")
        )
        return chance.choice((b"--\r\n", b"\xff" * 50, _multipart(fields, (), chance)[:-40])), kind
    if _happens(chance, AS_JSON):
        return chance.choice((b"{", b"[" * 9000, b'{"a": NaN}', b"null")), "application/json"
    if files or _happens(chance, MULTIPART):
        return _multipart(fields, files, chance), f"multipart/form-data; boundary={BOUNDARY.decode()}"
    return _encoded(fields), "application/x-www-form-urlencoded"


def _multipart(fields: Pairs, files: tuple[str, ...], chance: random.Random) -> bytes:
    parts = [b'"%s"\r\n\r\n%s' % (name, value) for name, value in fields]
    for name in files:
        called = chance.choice(
            (b"log.csv", b"log.xlsx", b"a\0b.csv", b"../x.json", b"\xff.ics", b"x" * 300, b"")
        )
        parts.append(
            b'"%s"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n%s'
            % (name.encode(), called, chance.choice(FILES))
        )
    head = b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; name="
    return b"".join(head + part + b"\r\n" for part in parts) + b"--" + BOUNDARY + b"--\r\n"


def _odd_header(chance: random.Random) -> tuple[tuple[str, str], ...]:
    name = chance.choice(sorted(HEADERS))
    return ((name, chance.choice(HEADERS[name])),)


def _signed(rule: Rule, path: bytes, query: Pairs, chance: random.Random) -> tuple[bytes, str, Any]:
    """What a provider of texts would post, rightly signed and odd within."""
    address = path.decode("latin-1") + (f"?{_encoded(query).decode()}" if query else "")
    if "twilio" in rule.endpoint:
        odd = odd_bytes(chance).decode("utf-8", "replace")
        form = {"MessageSid": "SM1", "MessageStatus": "sent", "From": "+16025550123", "Body": "Hello"}
        form[chance.choice(sorted(form))] = odd
        if rule.endpoint.endswith("inbound"):
            del form["MessageStatus"]
        signature = RequestValidator(SECRET).compute_signature(f"http://localhost{address}", form)
        pairs = [(name.encode(), value.encode()) for name, value in form.items()]
        return _encoded(pairs), "application/x-www-form-urlencoded", (("X-Twilio-Signature", signature),)
    body = chance.choice(HOOK_BODIES)
    digest = hmac.new(SECRET.encode(), NOW_STAMP.encode() + b"." + body, hashlib.sha256).hexdigest()
    return body, "application/json", (("X-Timestamp", NOW_STAMP), ("X-Signature", f"sha256={digest}"))


HOOK_BODIES = (
    *(
        b"\xff",
        b"null",
        b"[" * 9000,
        b'{"type": NaN}',
        b'{"type": "receipt", "id": "1", "state": "sent", "code": 1e999}',
    ),
    b'{"type": "reply", "id": "8", "from": "+16025550123", "text": "a\\u0000b"}',
    b'{"type": "reply", "id": "9", "from": "+16025550123", "text": "half a pair \\ud83d"}',
    b'{"type": "reply", "id": "\\ud800", "from": "+16025550123", "text": "x"}',
    b'{"type": "receipt", "id": "' + b"9" * 400 + b'", "state": "sent"}',
    b'{"type": "receipt", "id": ' + b"9" * 5000 + b"}",
    b'{"type": "reply", "id": "7", "from": "' + "+١٢٣٤".encode() + b'", "text": "x"}',
    b'{"type": "reply", "id": "6", "from": "+16025550123", "text": "' + b"x" * 60_000 + b'"}',
)
