"""Reads, compared with the rules they speak for."""
