"""The services on PostgreSQL as it is run; servers, pooler and network are made by tests/postgresql.py."""
