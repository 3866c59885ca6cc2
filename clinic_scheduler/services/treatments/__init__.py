"""Treatments: recorded, counted against an authorization, voided."""
