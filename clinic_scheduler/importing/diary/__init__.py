"""Lists of visits and of contacts that a record system writes."""
