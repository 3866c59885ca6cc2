"""What staff may be; what each may do is the pages' (web/policies.py) and services' matter."""

from clinic_scheduler.domain.codes import Labelled


class StaffRole(Labelled):
    FRONT_DESK = "front_desk", "Front desk: books, contacts, prints"
    PROVIDER = "provider", "Provider: treats, records, may override with a reason"
    ADMIN = "admin", "Administrator: everything, and staff"
    READ_ONLY = "read_only", "Read only: looks, changes nothing"


WRITING = frozenset({StaffRole.FRONT_DESK, StaffRole.PROVIDER, StaffRole.ADMIN})
DECIDING = frozenset({StaffRole.PROVIDER, StaffRole.ADMIN})
