"""What a calendar is made of, as plain values."""
