"""The rules, pure: dates in, values out. No database, no clock, no Flask."""
