"""What a PostgreSQL that hangs, goes away or stands behind a pooler does to the service."""
