"""The service with one page more, which tells what it was told of who asks: gunicorn starts it as it does `wsgi`."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.web.policies import public
from wsgi import app


@app.get("/told")
@public
def told() -> ResponseReturnValue:
    return jsonify(address=request.remote_addr, scheme=request.scheme, host=request.host)
