"""Calendars: plain values in, iCalendar bytes out; no database, no web, no clock."""
