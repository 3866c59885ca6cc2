"""The flask commands, one file a command or a small family of them."""

from flask import Flask


def register(app: Flask) -> None:
    """Hang every command on the app."""
