"""Visits: booked, moved, ended, undone, each past the one guard; and questions to a provider about one."""
