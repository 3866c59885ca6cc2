"""A message as a provider handed it in: who sent what, through whom. What it means is reply_meaning.py's."""

from dataclasses import dataclass, field

from clinic_scheduler.domain.codes import Labelled


class InboundChannel(Labelled):
    """How an answer of a patient came in."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text"
    LINK = "link", "Link in a message"


@dataclass(frozen=True, slots=True)
class Inbound:
    """`sender` is the provider it came through, `reference` its id there; `from_address` is E.164 for texts."""

    sender: str
    reference: str
    channel: InboundChannel
    from_address: str = field(repr=False)
    body: str = field(repr=False)
