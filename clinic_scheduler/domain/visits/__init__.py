"""Rules about a visit: what may stand on a day, free times, overrides, recording."""
