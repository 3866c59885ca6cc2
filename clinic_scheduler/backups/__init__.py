"""Backups: every row of a database in one sealed file, and back into an empty database of either kind."""
