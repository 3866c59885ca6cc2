"""Rules about a patient as a whole: holds, and what becomes of each column in a merge."""
