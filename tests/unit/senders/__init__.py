"""Tests of the senders room; a package, so that its helpers keep their own names."""
