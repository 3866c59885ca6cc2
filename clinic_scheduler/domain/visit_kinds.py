"""What a visit is for."""

from enum import StrEnum


class VisitKind(StrEnum):
    INJECTION = "injection"
    CONSULTATION = "consultation"
    FOLLOW_UP = "follow_up"
