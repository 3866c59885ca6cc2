"""Pages through Flask's test client, on both databases."""
