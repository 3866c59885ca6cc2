"""What deploy/ ships, started and followed; what is in it stands in deploy/ and docs/production.md."""
