"""Codes with words: a state, a kind or a reason is kept as a short code, and read by people as its label."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """Members are written NAME = "code", "Label": the database and programs see the code, people the label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


def labels(codes: type[Labelled]) -> dict[str, str]:
    """Code -> label of every member, in the order in which they are written."""
    return {code.value: code.label for code in codes}
