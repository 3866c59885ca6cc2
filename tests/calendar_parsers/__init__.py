"""Calendars as other people's parsers read them; what they should read is the tests' to say."""
