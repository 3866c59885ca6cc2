"""Which edition of the date rules a clinic's kept dates were computed by: raised whenever the rules move a date."""

RULES_EDITION = 3
