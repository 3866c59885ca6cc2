"""What a practice sets up: clinics, providers, staff, protocols, labels, closures."""
