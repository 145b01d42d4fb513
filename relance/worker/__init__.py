"""The half that works: the explicit list of loops, and the leases that keep several workers apart."""
