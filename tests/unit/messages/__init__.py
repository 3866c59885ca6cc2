"""Tests of the messages room; a package, so that its helpers keep their own names."""
