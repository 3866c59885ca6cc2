"""Queries and services on both databases."""
