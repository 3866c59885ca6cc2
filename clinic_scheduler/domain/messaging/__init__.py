"""What patients are sent: kinds, rules of when, consent, limits, and what a reply means."""
