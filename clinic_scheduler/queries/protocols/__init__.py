"""A clinic's editions of protocols and labels, and what another edition would change."""
