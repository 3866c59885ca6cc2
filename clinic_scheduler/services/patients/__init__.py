"""Patients' records: added, edited, merged, put on hold; and what becomes of a patient."""
