"""The date rules (DD-1 to DD-18): from a patient's history to due dates, with reasons."""
