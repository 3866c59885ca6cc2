"""What browsers send, checked field by field; the rules of booking and treating are not here."""
