"""From the cells of one row, or of one patient's rows, to what was given."""
