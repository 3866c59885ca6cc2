"""Each module has `NAME`, `DATABASES` and `run(place)`, which gives figures; __main__.py finds them by themselves."""
