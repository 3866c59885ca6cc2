"""/hooks: delivery reports and replies from message providers. Signed, answered at once, never logged."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.messaging.inbound import Inbound, InboundChannel
from clinic_scheduler.services.messaging import inbound
from clinic_scheduler.services.messaging.receipts import record_receipt
from clinic_scheduler.web.context import now
from clinic_scheduler.web.limits import HOOKS, limiter
from clinic_scheduler.web.policies import public
from clinic_scheduler.web.typed_input import refuse_cut_body

blueprint = Blueprint("hooks", __name__)
LONGEST_BODY = 64 * 1024
# Nothing is said back to whoever texted: an answer would be another message, outside every rule for messages.
_NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@blueprint.post("/hooks/twilio/status")
@public
@limiter.limit(HOOKS)
def twilio_status() -> ResponseReturnValue:
    said = _verified("twilio")
    _keep_receipt(said)
    return "", 204


@blueprint.post("/hooks/twilio/inbound")
@public
@limiter.limit(HOOKS)
def twilio_inbound() -> ResponseReturnValue:
    said = _verified("twilio")
    _keep_reply(said)
    return Response(_NO_ANSWER, mimetype="text/xml")


@blueprint.post("/hooks/sms")
@public
@limiter.limit(HOOKS)
def gateway() -> ResponseReturnValue:
    """The clinic's own gateway: receipts and replies alike. 400 for what is neither."""
    said = _verified("webhook")
    # Not one or the other: each has to be looked at, as only one of them can be there.
    if not (_keep_receipt(said) or _keep_reply(said)):
        abort(400)
    return "", 204


def _verified(name: str) -> Any:
    """What knows this provider's words; 404 where it is not used here, 403 for a forgery."""
    callbacks = current_app.extensions["clinic"].callbacks.get(name)
    if callbacks is None:
        abort(404)
    request.max_content_length = LONGEST_BODY
    path = request.full_path if request.query_string else request.path
    body = request.get_data(cache=True)
    refuse_cut_body()
    if not callbacks.verify(path, request.headers, body, now()):
        abort(403)
    return callbacks


def _keep_receipt(callbacks: Any) -> bool:
    told = callbacks.read_receipt(request.get_data())
    if told is None:
        return False
    with unit_of_work() as session:
        record_receipt(session, callbacks.name, told.reference, told.state, told.detail, now())
    return True


def _keep_reply(callbacks: Any) -> bool:
    replied = callbacks.read_reply(request.get_data())
    if replied is None:
        return False
    said = Inbound(callbacks.name, replied.reference, InboundChannel.SMS, replied.from_address, replied.body)
    with unit_of_work() as session:
        inbound.receive(session, said, now())
    return True
