"""Pages of an import: the upload, its columns, what it added."""
