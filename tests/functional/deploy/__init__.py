"""The service behind nginx and under systemd, as docs/production.md sets it up."""
