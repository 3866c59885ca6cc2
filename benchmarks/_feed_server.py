"""The application as wsgi.py makes it, and one more route: the bytes of the file CONSTANT_BODY, whoever asks."""

import os
from pathlib import Path

from flask import Response

from clinic_scheduler.web.policies import public
from wsgi import app

BODY = Path(os.environ["CONSTANT_BODY"]).read_bytes()


@app.route("/constant.ics")
@public
def constant() -> Response:
    return Response(BODY, mimetype="text/calendar")
