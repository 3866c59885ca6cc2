"""Courses: opened and stopped, decided about, and the forecast stored on each row."""
