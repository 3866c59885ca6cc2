"""Writes: verb functions that take a session; they never commit, render or send."""
