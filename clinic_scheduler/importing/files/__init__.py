"""Opening a file somebody else made, within limits, as a plain table of text."""
