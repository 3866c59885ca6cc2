"""What a clinic said about its files, and sessions no course has taken yet."""
