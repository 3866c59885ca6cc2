"""The tests, by what they need: nothing (unit), databases, the running app, a browser."""
