"""Hashing unguessable tokens; only the hash is stored."""

import hashlib


def token_hash(token: str) -> str:
    """SHA-256 in hexadecimal: enough for a token of 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
