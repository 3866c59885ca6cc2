"""Tests of the catalogues; a package, so that its files keep their own names."""
