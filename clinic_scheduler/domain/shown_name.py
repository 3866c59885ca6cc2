"""The product's name as people see it, on screens, in staff mail and in help. Nothing is identified by it.

Calendars and mails that are out already go by names of their own (PRODID, UID, Message-ID), which stay as they are.
"""

SHOWN_NAME = "Day 84"
