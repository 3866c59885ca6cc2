"""Pages about one patient, and finding and merging patients."""
