"""Measurements of Relance, beside other engines where there is something to compare. `make bench` runs them all."""
