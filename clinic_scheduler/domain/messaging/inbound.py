"""A message as a provider handed it in: who sent what, through whom. What it means is reply_meaning.py's."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Inbound:
    """`sender` is the provider it came through, `reference` its id there; `from_address` is E.164 for texts."""

    sender: str
    reference: str
    channel: str
    from_address: str = field(repr=False)
    body: str = field(repr=False)
