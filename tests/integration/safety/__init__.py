"""DD-18: whatever staff do, no open injection visit stands wrongly without somebody's name or a place on the list."""
