"""Reading one cell: a date, a quantity, a product, a diagnosis."""
