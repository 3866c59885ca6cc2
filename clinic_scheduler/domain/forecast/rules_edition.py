"""The edition of the date rules; raised whenever a change of the rules moves a date, so stored dates are redone."""

RULES_EDITION = 3
