"""The one door for what browsers send: what no column can hold is refused before any page looks at it."""

from collections.abc import Iterator

from flask import Flask, abort, request

from clinic_scheduler.domain.typed_text import may_be_kept

# They read what the address holds themselves, and answer all that opens nothing alike.
_READ_THEIR_OWN_TOKENS = frozenset({"calendar", "subscribe", "visit_link", "opt_out_link"})


def register(app: Flask) -> None:
    app.before_request(_refuse_what_cannot_be_kept)


def _refuse_what_cannot_be_kept() -> None:
    """A NUL, or half of a surrogate pair. In an address it leads nowhere; in what was typed, nothing is changed.

    A hook's body is left for its own reader, since it is signed as it came.
    """
    named = (request.view_args or {}).values() if request.blueprint not in _READ_THEIR_OWN_TOKENS else ()
    if not all(may_be_kept(value) for value in named if isinstance(value, str)):
        abort(404)
    if request.blueprint == "hooks":
        return
    sent = list(_sent())
    refuse_cut_body()
    if not all(map(may_be_kept, sent)):
        abort(400)


def refuse_cut_body() -> None:
    """For a body of no declared length that was read: one past the limit is read up to it, and the rest is left in
    silence.
    """
    if request.content_length is None and "wsgi.input_terminated" in request.environ:
        left: bytes = request.environ["wsgi.input"].read(1)
        if left:
            abort(413)


def _sent() -> Iterator[str]:
    for pairs in (request.args, request.form):
        for name, value in pairs.items(multi=True):
            yield name
            yield value
    for name, file in request.files.items(multi=True):
        yield name
        yield file.filename or ""
