"""Applying what was read from a clinic's files; reading them is importing's."""
