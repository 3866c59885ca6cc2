"""Tests of the calendars room; a package, so that its helpers keep their own names."""
