"""Whole workers in whole trouble: `make chaos`. A scenario a module in scenarios/; no tests here."""
