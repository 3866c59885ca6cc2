"""The browser's side: parse, one service or query, render."""

from flask import Flask


def register(app: Flask) -> None:
    """Hang every page and its policies on the app."""
