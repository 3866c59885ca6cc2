"""Style sheets, script, icons, mark: ours from static/, Bootstrap's from its package; nothing from elsewhere."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from clinic_scheduler.web.policies import public

blueprint = Blueprint("assets", __name__)
FOREVER = "public, max-age=31536000, immutable"
ICONS = (
    "activity",
    "arrows-move",
    "box-arrow-right",
    "calendar3",
    "check-circle",
    "chevron-left",
    "chevron-right",
    "envelope",
    "exclamation-triangle",
    "gear",
    "inbox",
    "info-circle",
    "list",
    "list-check",
    "people",
    "printer",
    "search",
    "x-circle",
)


@dataclass(frozen=True)
class Asset:
    """One file, compressed once at start-up; its address changes with its content, so it is kept for ever."""

    content_type: str
    body: bytes
    compressed: bytes
    digest: str


def register(app: Flask) -> None:
    bootstrap = files("flask_bootstrap") / "static" / "bootstrap5"
    own = Path(app.static_folder or "")
    sprite = (bootstrap / "icons" / "bootstrap-icons.svg").read_text("utf-8")
    assets = {
        "bootstrap.css": _asset(
            "text/css", _without_map((bootstrap / "css" / "bootstrap.min.css").read_bytes())
        ),
        "app.css": _asset("text/css", (own / "app.css").read_bytes()),
        "app.js": _asset("text/javascript", (own / "app.js").read_bytes()),
        "wording.js": _asset("text/javascript", (own / "wording.js").read_bytes()),
        "mark.svg": _asset("image/svg+xml", (own / "mark.svg").read_bytes()),
        "columns.js": _asset("text/javascript", (own / "columns.js").read_bytes()),
    }
    icons = {name: _symbol(sprite, name) for name in ICONS}
    app.extensions["clinic_assets"] = assets
    app.register_blueprint(blueprint)
    # Spelled out rather than asked of url_for, which has no answer on the error page of a host not trusted.
    app.jinja_env.globals["asset"] = lambda name: f"{request.script_root}/assets/{assets[name].digest}/{name}"
    app.jinja_env.globals["icon"] = icons.__getitem__
    # One drawing: in a tab it shows its own colour, in a page that of the text beside it.
    app.jinja_env.globals["mark"] = Markup((own / "mark.svg").read_text("utf-8").strip())


@blueprint.get("/assets/<digest>/<name>")
@public
def asset(digest: str, name: str) -> ResponseReturnValue:
    """An asset under its own digest; an old address is gone rather than answered with something newer."""
    found: Asset | None = current_app.extensions["clinic_assets"].get(name)
    if found is None or found.digest != digest:
        abort(404)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(found.compressed if zipped else found.body, content_type=found.content_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER
    return response


def _asset(content_type: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(f"{content_type}; charset=utf-8", body, gzip.compress(body, mtime=0), digest)


def _without_map(css: bytes) -> bytes:
    """Browsers' tools would ask for the source map and get a 404."""
    return re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", css)


def _symbol(sprite: str, name: str) -> Markup:
    """One icon out of the package's sprite, to be put into the page: the whole sprite is over a megabyte."""
    found = re.search(
        rf'<symbol[^>]* viewBox="([^"]+)" id="{re.escape(name)}">(.*?)</symbol>', sprite, re.DOTALL
    )
    if found is None:
        raise LookupError(f"the icon sprite has no {name!r}")
    box, shapes = found.groups()
    return Markup(
        f'<svg class="icon" aria-hidden="true" width="16" height="16" fill="currentColor" viewBox="{box}">'
        f"{shapes}</svg>"
    )
