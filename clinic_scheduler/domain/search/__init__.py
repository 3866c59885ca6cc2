"""How patients are found by name and other keys."""
