"""Diaries, free times, closed days, and what was decided about visits."""
