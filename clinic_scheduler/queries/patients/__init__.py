"""Patients' records: found, shown, compared for a merge."""
